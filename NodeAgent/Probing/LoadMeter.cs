using System.Diagnostics;
using System.Globalization;

namespace PiGrid.NodeAgent.Probing;

/// <summary>
/// How busy the machine was since the last look, and how much of that was not our work: from <c>/proc/stat</c> on Linux; elsewhere only our own
/// part is known, so that others' counts as none.
/// </summary>
internal sealed class LoadMeter(TimeProvider time)
{
    private (long Busy, long Total)? _machine;
    private TimeSpan _ours;
    private long _at = time.GetTimestamp();

    /// <summary>Busy processors over all, 0 to 1: everything, and the part of other programs.</summary>
    /// <param name="processes">Our worker processes.</param>
    public (double All, double Others) Look(IEnumerable<int> processes)
    {
        var ours = Process.GetCurrentProcess().TotalProcessorTime + processes.Aggregate(TimeSpan.Zero, (sum, id) => sum + TimeOf(id));
        var now = time.GetTimestamp();
        var span = time.GetElapsedTime(_at, now) * Environment.ProcessorCount;

        // A worker that ended takes its time along, so the difference may be negative.
        var own = span > TimeSpan.Zero ? Math.Clamp((ours - _ours) / span, 0, 1) : 0;
        (_ours, _at) = (ours, now);
        var machine = ReadStat();
        var all = own;
        if (machine is { } after && _machine is { } before && after.Total > before.Total)
        {
            all = Math.Clamp((double)(after.Busy - before.Busy) / (after.Total - before.Total), 0, 1);
        }

        _machine = machine;
        return (Math.Round(all, 3), Math.Round(Math.Max(0, all - own), 3));
    }

    private static TimeSpan TimeOf(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return process.TotalProcessorTime;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return TimeSpan.Zero;
        }
    }

    private static (long Busy, long Total)? ReadStat()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            // cpu user nice system idle iowait irq softirq steal ...
            var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
                .Select(f => long.Parse(f, CultureInfo.InvariantCulture)).ToArray();
            var total = fields.Sum();
            return (total - fields[3] - fields[4], total);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }
}
