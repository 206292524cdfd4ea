using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace PiGrid.Benchmarks.Numeric;

/// <summary>
/// Hides instruction sets from native code, so that one machine computes as older ones do. ONNX Runtime has no option for it: it asks the CPUID
/// instruction when its library is first used. Linux can make that instruction fault for one thread and those that it starts
/// (arch_prctl(2), ARCH_SET_CPUID); the handler answers it with the bits of the level taken away. Everything runs at its own speed,
/// unlike under an emulator.
/// </summary>
internal static unsafe partial class CpuMask
{
    private const int SegmentationFault = 11;
    private const int ArchPrctl = 158;
    private const int SetCpuid = 0x1012;

    // Linux, x86-64: where a signal's context keeps the registers, in 8-byte words from its start.
    private const int Rbx = 16, Rdx = 17, Rax = 18, Rcx = 19, Rip = 21;

    // A struct sigaction: handler, 1,024 bits of mask, flags, restorer.
    private const int ActionBytes = 152;
    private const int FlagsAt = 136;
    private const int TakesInfo = 4;

    private static Bits _hidden;

    /// <summary>The levels, the newest first. The first is the machine as it is.</summary>
    public static IReadOnlyList<string> Levels { get; } = ["native", "avx512", "avx2", "avx", "sse"];

    /// <summary>Hides what is newer than a level from a library that is loaded and first used meanwhile.</summary>
    /// <param name="level">The level.</param>
    /// <param name="load">Loads and uses the library, on this thread.</param>
    /// <returns>Whether this machine and system can.</returns>
    public static bool TryHide(string level, Action load)
    {
        if (level == "native")
        {
            load();
            return true;
        }

        if (!OperatingSystem.IsLinux() || !X86Base.IsSupported)
        {
            return false;
        }

        _hidden = Of(level);
        delegate* unmanaged<int, nint, nint*, void> handler = &Answer;
        var before = stackalloc byte[ActionBytes];
        var action = stackalloc byte[ActionBytes];
        new Span<byte>(action, ActionBytes).Clear();
        *(nint*)action = (nint)handler;
        *(int*)(action + FlagsAt) = TakesInfo;
        if (SetAction(SegmentationFault, action, before) != 0 || SystemCall(ArchPrctl, SetCpuid, 0) != 0)
        {
            return false;
        }

        // The handler is the runtime's own again as soon as it can be: that one makes faults of managed code exceptions.
        load();
        return SystemCall(ArchPrctl, SetCpuid, 1) == 0 && SetAction(SegmentationFault, before, null) == 0;
    }

    /// <summary>The bits of CPUID's leaves 1 and 7 that a level lacks (Intel SDM, volume 2, CPUID).</summary>
    private static Bits Of(string level)
    {
        // Tiles, 8-bit dot products, bfloat16, half floats.
        var bits = new Bits(0, 0, 1u << 11, (1u << 22) | (1u << 23) | (1u << 24) | (1u << 25), (1u << 4) | (1u << 5) | (1u << 21) | (1u << 23));
        if (level == "avx512")
        {
            return bits;
        }

        bits = bits with { Leaf7B = 0xDC23_0000, Leaf7C = bits.Leaf7C | 0x5042, Leaf7D = bits.Leaf7D | 0x10C };
        return level switch
        {
            "avx2" => bits,
            "avx" => bits with { Leaf1C = 1u << 12, Leaf7B = bits.Leaf7B | (1u << 5) },
            "sse" => bits with { Leaf1C = (1u << 12) | (1u << 27) | (1u << 28) | (1u << 29), Leaf7B = bits.Leaf7B | (1u << 5) },
            _ => throw new ArgumentException($"'{level}' is none of {string.Join(", ", Levels)}.", nameof(level)),
        };
    }

    /// <summary>Answers the instruction and goes on behind it; any other fault ends the process, as it would have.</summary>
    [UnmanagedCallersOnly]
    private static void Answer(int signal, nint info, nint* context)
    {
        var code = (byte*)context[Rip];
        if (code[0] != 0x0F || code[1] != 0xA2)
        {
            Environment.FailFast("A segmentation fault that is no CPUID.");
        }

        var (leaf, sub) = (unchecked((int)context[Rax]), unchecked((int)context[Rcx]));
        _ = SystemCall(ArchPrctl, SetCpuid, 1);
        var (a, b, c, d) = X86Base.CpuId(leaf, sub);
        _ = SystemCall(ArchPrctl, SetCpuid, 0);
        (uint A, uint B, uint C, uint D) answer;
        unchecked
        {
            answer = ((uint)a, (uint)b, (uint)c, (uint)d);
        }

        answer = (leaf, sub) switch
        {
            (1, _) => answer with { C = answer.C & ~_hidden.Leaf1C },
            (7, 0) => answer with { B = answer.B & ~_hidden.Leaf7B, C = answer.C & ~_hidden.Leaf7C, D = answer.D & ~_hidden.Leaf7D },
            (7, 1) => answer with { A = answer.A & ~_hidden.Leaf7SubA },
            _ => answer,
        };
        (context[Rax], context[Rbx], context[Rcx], context[Rdx]) = ((nint)answer.A, (nint)answer.B, (nint)answer.C, (nint)answer.D);
        context[Rip] += 2;
    }

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int SetAction(int signal, byte* action, byte* old);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint code, nint value);

    private readonly record struct Bits(uint Leaf1C, uint Leaf7B, uint Leaf7C, uint Leaf7D, uint Leaf7SubA);
}
