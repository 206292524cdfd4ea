using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Api;
using PiGrid.Grains.Nodes;
using PiGrid.Grains.Scheduling;
using PiGrid.Silo.Api;
using PiGrid.Silo.Hosting;
using PiGrid.Silo.Startup;

namespace PiGrid.Silo.Dashboard;

/// <summary>
/// The grid at a glance, gathered when somebody asks and at most once in <see cref="DashboardOptions.SamplePeriod"/>: all who watch share it. It takes two calls to the
/// dispatcher and one to the list of incidents, whatever the number of nodes.
/// </summary>
internal sealed class OverviewSource(
    IGrainFactory grains, Lists lists, PaceMeter pace, Readiness readiness, IncidentSource incidents, SiloStart start, IOptions<DashboardOptions> options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private Task<GridOverview>? _newest;
    private long _askedAt;
    private (long At, Counts Counts)? _counted;
    private volatile Listing? _nodes;

    /// <summary>The newest, gathered now or lately.</summary>
    public Task<GridOverview> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_newest is not { } known || known.IsFaulted || (known.IsCompleted && time.GetElapsedTime(_askedAt) >= options.Value.SamplePeriod * 0.9))
            {
                _askedAt = time.GetTimestamp();

                // For all who ask meanwhile, so nobody's going away ends it.
                _newest = Task.Run(GatherAsync, CancellationToken.None);
            }

            return _newest.WaitAsync(cancellationToken);
        }
    }

    /// <summary>All nodes, newest first, as of lately: a page that shows a thousand asks for several parts of the list, and putting it in order is what costs.</summary>
    public async Task<IReadOnlyList<RegistryEntry>> NodesAsync()
    {
        if (_nodes is { } known && time.GetElapsedTime(known.At) < options.Value.SamplePeriod)
        {
            return known.Entries;
        }

        var at = time.GetTimestamp();
        var entries = (await lists.EntriesAsync(RegistryLists.Nodes)).ToArray();
        _nodes = new(at, entries);
        return entries;
    }

    private async Task<GridOverview> GatherAsync()
    {
        var dispatchers = DispatcherPartitions.All.Select(key => grains.GetGrain<IDispatcherGrain>(key)).ToArray();
        var backlogs = Task.WhenAll(dispatchers.Select(dispatcher => dispatcher.GetBacklog()));

        // Every node offers itself to the first of them, too.
        var census = dispatchers[0].GetCensus();
        var open = incidents.CountOpenAsync();
        var counts = await CountAsync();
        var now = time.GetUtcNow();
        return new GridOverview
        {
            At = now,
            Version = SiloHost.Version,
            Engine = SiloHost.Engine,
            StartedAt = start.At,
            Problem = readiness.Waits,
            Enrolled = Math.Max(counts.Nodes, (await census).Known),
            Nodes = await census,
            Queue = ToQueue(await backlogs, now),
            Shards = pace.Shards.At(now),
            Calls = pace.Calls.At(now),
            JobsOpen = counts.JobsOpen,
            Jobs = counts.Jobs,
            Models = counts.Models,
            IncidentsOpen = await open,
        };
    }

    private static GridQueue ToQueue(DispatcherBacklog[] backlogs, DateTimeOffset now)
    {
        var oldest = backlogs.Where(b => b.OldestAskedAt is not null).MinBy(b => b.OldestAskedAt);
        return new GridQueue
        {
            Waiting = backlogs.Sum(b => b.Waiting),
            FreeNodes = backlogs.Sum(b => b.FreeNodes),
            OldestMs = oldest is null ? null : Math.Max(0, (now - oldest.OldestAskedAt!.Value).TotalMilliseconds),
            Reason = oldest?.Reason,
        };
    }

    private async Task<Counts> CountAsync()
    {
        if (_counted is { } known && time.GetElapsedTime(known.At) < options.Value.CountPeriod)
        {
            return known.Counts;
        }

        var at = time.GetTimestamp();
        var nodes = await lists.EntriesAsync(RegistryLists.Nodes);
        var jobs = (await lists.EntriesAsync(RegistryLists.Jobs)).Where(job => !job.Internal).ToArray();
        var models = await lists.EntriesAsync(RegistryLists.Models);
        var counts = new Counts(nodes.Count(), jobs.Length, jobs.Count(job => job.Open), models.Count());
        _counted = (at, counts);
        return counts;
    }

    private sealed record Listing(long At, IReadOnlyList<RegistryEntry> Entries);

    private sealed record Counts(int Nodes, int Jobs, int JobsOpen, int Models);
}
