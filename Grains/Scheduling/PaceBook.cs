using System.Numerics;

namespace PiGrid.Grains.Scheduling;

/// <summary>How long replicas of each kind take: a model's shards of about one size (a power of two of inputs).</summary>
internal sealed class PaceBook(SchedulingOptions options)
{
    private readonly Dictionary<(Sha256 Manifest, int Size), LinkedListNode<Kind>> _kinds = [];
    private readonly LinkedList<Kind> _byUse = [];

    // The largest power of two of inputs that is looked at: shards are far smaller.
    private const int SizeMax = 16;

    /// <summary>A replica has ended.</summary>
    public void Learn(FinishedReplica finished)
    {
        if (finished.Took < TimeSpan.Zero || finished.Inputs < 0)
        {
            return;
        }

        var key = KeyOf(finished.Manifest, finished.Inputs);
        if (!_kinds.TryGetValue(key, out var node))
        {
            if (_kinds.Count >= options.PacesKeptMax)
            {
                _kinds.Remove(_byUse.Last!.Value.Key);
                _byUse.RemoveLast();
            }

            node = new LinkedListNode<Kind>(new Kind(key, new DurationSketch()));
            _kinds.Add(key, node);
            _byUse.AddFirst(node);
        }
        else if (node != _byUse.First)
        {
            _byUse.Remove(node);
            _byUse.AddFirst(node);
        }

        node.Value.Durations.Add(finished.Took);
    }

    /// <summary>How long one input takes, by the largest shards of the model that are known well; null when none are.</summary>
    public TimeSpan? PerInput(Sha256 manifest)
    {
        for (var size = SizeMax; size >= 0; size--)
        {
            if (_kinds.TryGetValue((manifest, size), out var node) && node.Value.Durations is { } durations && durations.Known >= options.PaceSamplesMin)
            {
                // Shards of one kind have one to two times 2^size inputs.
                return durations.Quantile(0.5) / ((1 << size) * (size == 0 ? 1 : 1.5));
            }
        }

        return null;
    }

    /// <summary>How long a replica of this request takes; null while too few of its kind are known.</summary>
    public ReplicaPace? Of(ReplicaRequest request) => Of(request.Order.Work.Manifest.Sha256, request.Order.Inputs.Count);

    /// <summary>How long a replica on so many inputs takes; null while too few of its kind are known.</summary>
    public ReplicaPace? Of(Sha256 manifest, int inputs) =>
        _kinds.TryGetValue(KeyOf(manifest, inputs), out var node)
            && node.Value.Durations is { } durations && durations.Known >= options.PaceSamplesMin
                ? new ReplicaPace(durations.Quantile(0.5), durations.Quantile(0.95))
                : null;

    private static (Sha256 Manifest, int Size) KeyOf(Sha256 manifest, int inputs) => (manifest, BitOperations.Log2((uint)Math.Max(1, inputs)));

    private sealed record Kind((Sha256 Manifest, int Size) Key, DurationSketch Durations);
}
