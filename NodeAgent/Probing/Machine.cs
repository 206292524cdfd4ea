using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace PiGrid.NodeAgent.Probing;

/// <summary>What the machine is: things that do not change while the agent runs.</summary>
internal static class Machine
{
    /// <summary>The operating system in the protocol's words.</summary>
    public static string Os => OperatingSystem.IsLinux() ? "linux"
        : OperatingSystem.IsWindows() ? "windows"
        : OperatingSystem.IsMacOS() ? "macos"
        : RuntimeInformation.OSDescription.Split(' ')[0].ToLowerInvariant();

    /// <summary>The processor architecture in the protocol's words.</summary>
    public static string Architecture => RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>The widest instruction set that numeric libraries choose their code by.</summary>
    public static string InstructionSet => Avx512F.IsSupported ? "avx512"
        : Avx2.IsSupported ? "avx2"
        : Sse42.IsSupported ? "sse42"
        : AdvSimd.IsSupported ? "neon"
        : "scalar";

    /// <summary>Processors that this process may use.</summary>
    public static int Cores => Environment.ProcessorCount;

    /// <summary>The machine's memory, or the limit of the container that it is, in MiB.</summary>
    public static int MemoryMib => (int)Math.Min(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20, int.MaxValue);

    /// <summary>Nodes of one class give the same bits.</summary>
    /// <param name="provider">What runs the work, such as <c>cpu</c>.</param>
    /// <param name="library">The inference library, such as <c>onnxruntime 1.30.0</c>.</param>
    public static string HardwareClass(string provider, string library) => string.Create(
        CultureInfo.InvariantCulture, $"{Architecture}-{InstructionSet}-{provider}-{library[(library.LastIndexOf(' ') + 1)..]}");
}
