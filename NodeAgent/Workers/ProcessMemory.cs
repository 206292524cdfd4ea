using System.Diagnostics;
using System.Globalization;

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
                // Cheaper than the general way, which reads all of the process's state.
                var pages = File.ReadAllText($"/proc/{process.Id}/statm").Split(' ')[1];
                return long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize;
            }

            process.Refresh();
            return process.WorkingSet64;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
