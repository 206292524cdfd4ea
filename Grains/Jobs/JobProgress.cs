using System.Collections.Immutable;
using Orleans;

namespace PiGrid.Grains.Jobs;

/// <summary>
/// Which shards are closed: all below <see cref="Low"/>, and those in <see cref="Beyond"/>. Shards open in a window that starts at the
/// first open one, so this stays as small as the window however long the job is: one row that does not grow.
/// </summary>
[GenerateSerializer, Immutable, Alias("PiGrid.JobProgress")]
internal sealed record JobProgress
{
    /// <summary>Nothing closed yet.</summary>
    public static JobProgress None { get; } = new();

    /// <summary>Every shard below this index is closed.</summary>
    [Id(0)]
    public int Low { get; init; }

    /// <summary>Closed shards at or above <see cref="Low"/>.</summary>
    [Id(1)]
    public ImmutableHashSet<int> Beyond { get; init; } = [];

    /// <summary>Shards with a canonical result.</summary>
    [Id(2)]
    public int Accepted { get; init; }

    /// <summary>Shards given up.</summary>
    [Id(3)]
    public int GivenUp { get; init; }

    /// <summary>Inputs that ended with an error.</summary>
    [Id(4)]
    public int InputsFailed { get; init; }

    /// <summary>Replicas issued for closed shards.</summary>
    [Id(5)]
    public int Replicas { get; init; }

    /// <summary>Why the newest given-up shard was given up.</summary>
    [Id(6)]
    public string? LastError { get; init; }

    /// <summary>Shards that are closed.</summary>
    public int Closed => Accepted + GivenUp;

    /// <summary>Whether this shard is closed.</summary>
    public bool IsClosed(int shard) => shard < Low || Beyond.Contains(shard);

    /// <summary>After a closed shard has closed again, otherwise.</summary>
    public JobProgress Change(ShardCount before, ShardCount after) => this with
    {
        Accepted = Accepted + (after.Accepted ? 1 : 0) - (before.Accepted ? 1 : 0),
        GivenUp = GivenUp + (after.Accepted ? 0 : 1) - (before.Accepted ? 0 : 1),
        InputsFailed = InputsFailed + after.InputsFailed - before.InputsFailed,
        Replicas = Replicas + after.Replicas - before.Replicas,
    };

    /// <summary>After one more shard has closed; a shard reported twice counts once.</summary>
    public JobProgress With(ShardOutcome outcome)
    {
        if (IsClosed(outcome.Index))
        {
            return this;
        }

        var beyond = Beyond.Add(outcome.Index).ToBuilder();
        var low = Low;
        while (beyond.Remove(low))
        {
            low++;
        }

        return this with
        {
            Low = low,
            Beyond = beyond.ToImmutable(),
            Accepted = Accepted + (outcome.Accepted ? 1 : 0),
            GivenUp = GivenUp + (outcome.Accepted ? 0 : 1),
            InputsFailed = InputsFailed + outcome.InputsFailed,
            Replicas = Replicas + outcome.Replicas,
            LastError = outcome.Error ?? LastError,
        };
    }
}

/// <summary>What a job counted of one shard.</summary>
/// <param name="Accepted">Whether it has a result.</param>
/// <param name="InputsFailed">Inputs that ended with an error.</param>
/// <param name="Replicas">Replicas issued.</param>
internal readonly record struct ShardCount(bool Accepted, int InputsFailed, int Replicas)
{
    /// <summary>What an outcome counts for.</summary>
    public static ShardCount Of(ShardOutcome outcome) => new(outcome.Accepted, outcome.InputsFailed, outcome.Replicas);
}
