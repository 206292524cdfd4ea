using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace PiGrid.NodeAgent.Workers;

/// <summary>A larger pipe to a worker, where the system can: an input that fits into it takes one change between the processes and not one for every 64 KiB.</summary>
internal static partial class PipeSize
{
    private const int SetPipeSize = 1031, Bytes = 1 << 20;

    /// <summary>Asks for it; a pipe that stays small works as well.</summary>
    public static void Grow(Stream stream)
    {
        if (OperatingSystem.IsLinux() && stream is PipeStream pipe)
        {
            _ = FileControl(pipe.SafePipeHandle, SetPipeSize, Bytes);
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(SafeHandle file, int command, int argument);
}
