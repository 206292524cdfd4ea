using System.Runtime.InteropServices;

namespace PiGrid.NodeAgent.Workers.Inside;

/// <summary>
/// What a worker takes away from itself before it touches a stranger's bytes, without any privilege: it gains none by running other programs,
/// writes no core dump, yields to everything else on the machine, dies with its agent, and cannot take more memory than allowed.
/// </summary>
internal static partial class Hardening
{
    private const int SetParentDeathSignal = 1, SetNoNewPrivileges = 38, Kill = 9;
    private const int DataLimit = 2, CoreLimit = 4, Nice = 10;

    // A managed heap and threads that grow a little are not the model's fault; the agent's watch on resident memory is the exact limit.
    private const long HeadroomMib = 512;

    /// <summary>Applies what holds for every worker.</summary>
    public static void Apply()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // Each is best effort: a system that lacks one is no reason to lend nothing.
        _ = Prctl(SetParentDeathSignal, Kill, 0, 0, 0);
        _ = Prctl(SetNoNewPrivileges, 1, 0, 0, 0);
        _ = SetLimit(CoreLimit, new Limit(0, 0));
        _ = SetPriority(0, 0, Nice);
    }

    /// <summary>Bounds the memory that the process can ask the system for: what it has now, what the model may add, and headroom.</summary>
    public static void LimitMemory(int memoryMib)
    {
        if (OperatingSystem.IsLinux() && DataMib() is { } now)
        {
            var bytes = (ulong)((now + memoryMib + HeadroomMib) << 20);
            _ = SetLimit(DataLimit, new Limit(bytes, bytes));
        }
    }

    private static long? DataMib()
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("VmData:", StringComparison.Ordinal) && long.TryParse(line.AsSpan(7).TrimEnd("kB ").Trim(), out var kib))
            {
                return kib >> 10;
            }
        }

        return null;
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);

    private readonly record struct Limit(ulong Soft, ulong Hard);
}
