using System.Buffers.Text;
using System.Diagnostics;

namespace PiGrid.NodeAgent.Workers;

/// <summary>How much memory a process has in use.</summary>
internal static class ProcessMemory
{
    /// <summary>The resident bytes; 0 when the process is gone.</summary>
    public static long ResidentBytes(Process process)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                return ResidentPages(process.Id) * Environment.SystemPageSize;
            }

            process.Refresh();
            return process.WorkingSet64;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    // Cheaper than the general way, which reads all of the process's state: many times a second while a worker is at work. The second number of proc_pid_statm(5).
    private static long ResidentPages(int id)
    {
        using var file = File.OpenHandle($"/proc/{id}/statm");
        Span<byte> text = stackalloc byte[256];
        ReadOnlySpan<byte> read = text[..RandomAccess.Read(file, text, 0)];
        return Utf8Parser.TryParse(read[(read.IndexOf((byte)' ') + 1)..], out long pages, out _) ? pages : 0;
    }
}
