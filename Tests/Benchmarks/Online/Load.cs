using System.Collections.Concurrent;
using System.Diagnostics;

namespace PiGrid.Benchmarks.Online;

/// <summary>What a time of load showed.</summary>
/// <param name="Times">How long each request took, in milliseconds.</param>
/// <param name="Seconds">How long it lasted.</param>
internal sealed record Load(IReadOnlyCollection<double> Times, double Seconds)
{
    /// <summary>Requests a second.</summary>
    public double Rate => Times.Count / Seconds;

    /// <summary>Calls again and again, so many at once, for a time; what fails ends it.</summary>
    public static async Task<Load> RunAsync(Func<Task> call, int concurrency, TimeSpan lasting)
    {
        var times = new ConcurrentBag<double>();
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(start) < lasting)
            {
                var begun = Stopwatch.GetTimestamp();
                await call();
                times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }
        }));
        return new(times, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>Several times of load as one.</summary>
    public static Load Sum(IReadOnlyList<Load> parts) => new([.. parts.SelectMany(p => p.Times)], parts.Sum(p => p.Seconds));
}
