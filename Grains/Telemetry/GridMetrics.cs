using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace PiGrid.Grains.Telemetry;

/// <summary>
/// What this silo counts and measures; docs/telemetry.md says what each of them means. Labels have few values by design: never a node's, a job's or a key's id, and of
/// models no more than <c>Telemetry:ModelsMax</c>. Nothing is allocated on the way to a listener, and nothing happens when there is none.
/// </summary>
public sealed partial class GridMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string Name = "PiGrid";

    /// <summary>The model label of those that came when there were <c>Telemetry:ModelsMax</c> already.</summary>
    public const string OtherModels = "_other";

    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

    private readonly Meter _meter;
    private readonly int _modelsMax;
    private readonly ConcurrentDictionary<ModelRef, string> _models = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _oldest = new();
    private readonly UpDownCounter<long> _nodes;
    private readonly UpDownCounter<long> _leases;
    private readonly Counter<long> _leaseChanges;
    private readonly Counter<long> _results;
    private readonly Counter<long> _checks;
    private readonly Counter<long> _replicas;
    private readonly Histogram<double> _dispatch;
    private readonly Histogram<double> _calls;
    private readonly Histogram<double> _callsQueued;
    private readonly Counter<long> _shards;
    private readonly Histogram<double> _shardTime;
    private readonly Histogram<long> _shardReplicas;
    private readonly Counter<long> _jobsStarted;
    private readonly Counter<long> _jobsEnded;
    private readonly Histogram<double> _writes;
    private readonly Counter<long> _blobBytes;
    private readonly Counter<long> _messages;

    // Looked up when asked for: an instrument that is added to is not there until the first time.
    private long _waiting;
    private long _callsActive;

    /// <summary>Makes the instruments.</summary>
    /// <param name="factory">Where meters come from; it tells this silo's from another's in the same process.</param>
    /// <param name="modelsMax">How many models have a label of their own.</param>
    /// <param name="time">The clock.</param>
    public GridMetrics(IMeterFactory factory, int modelsMax, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _modelsMax = modelsMax;
        _meter = factory.Create(Name);
        _nodes = _meter.CreateUpDownCounter<long>("pigrid.nodes", "{node}", "Nodes that this silo keeps in memory, by state and tier.");
        _leases = _meter.CreateUpDownCounter<long>("pigrid.leases", "{lease}", "Leases that nodes hold, until their verdict.");
        _leaseChanges = _meter.CreateCounter<long>("pigrid.lease.changes", "{lease}", "Leases that reached a state.");
        _results = _meter.CreateCounter<long>("pigrid.results", "{result}", "Results that got a verdict.");
        _checks = _meter.CreateCounter<long>("pigrid.checks", "{check}", "Spot checks and audits that said something about a result.");
        _meter.CreateObservableUpDownCounter("pigrid.queue.length", () => Interlocked.Read(ref _waiting), "{replica}", "Replicas that wait for a node, hedges included.");
        _replicas = _meter.CreateCounter<long>("pigrid.replicas", "{replica}", "Replicas that nodes were given.");
        _dispatch = Timed("pigrid.dispatch.duration", "From the wish for a replica until a node had it.");
        _meter.CreateObservableUpDownCounter("pigrid.call.active", () => Interlocked.Read(ref _callsActive), "{call}", "Online calls under way.");
        _calls = Timed("pigrid.call.duration", "Online calls, from their beginning to their answer.");
        _callsQueued = Timed("pigrid.call.queue.duration", "From the beginning of an online call until the node whose result was the answer had it.");
        _shards = _meter.CreateCounter<long>("pigrid.shards", "{shard}", "Shards of jobs that were closed, checked again or not.");
        _shardTime = Timed("pigrid.shard.duration", "Accepted shards of jobs, from their opening to their acceptance.");
        _shardReplicas = _meter.CreateHistogram(
            "pigrid.shard.replicas", "{replica}", "What verification costs: replicas issued for an accepted shard or answered call.", tags: null, new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 3, 4, 5, 8, 12, 20] });
        _jobsStarted = _meter.CreateCounter<long>("pigrid.jobs.started", "{job}", "Jobs that were accepted, validations of models included.");
        _jobsEnded = _meter.CreateCounter<long>("pigrid.jobs.ended", "{job}", "Jobs that ended.");
        _writes = Timed("pigrid.store.write.duration", "Writes of a grain's state, with the wait for others that share their transaction.");
        _blobBytes = _meter.CreateCounter<long>("pigrid.blob.io", "By", "Bytes of blobs that were stored, and of blobs that were opened for reading.");
        _messages = _meter.CreateCounter<long>("pigrid.node.messages", "{message}", "Messages of the node protocol.");
        _meter.CreateObservableGauge("pigrid.queue.oldest.age", () => OldestAge(time.GetUtcNow()), "s", "How long the oldest waiting replica has waited; 0 when none waits.");
    }

    /// <summary>Adds a number that is looked up when it is asked for.</summary>
    public void ObserveSessions(Func<long> count) =>
        _meter.CreateObservableUpDownCounter("pigrid.sessions", count, "{session}", "Open connections of nodes.");

    /// <summary>The label of a model.</summary>
    public string LabelOf(ModelRef model) => _models.TryGetValue(model, out var label) ? label
        : _models.Count < _modelsMax ? _models.GetOrAdd(model, static m => m.Value)
        : OtherModels;

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private Histogram<double> Timed(string name, string description) =>
        _meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });

    private double OldestAge(DateTimeOffset now) => _oldest.IsEmpty ? 0 : Math.Max(0, (now - _oldest.Values.Min()).TotalSeconds);

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
