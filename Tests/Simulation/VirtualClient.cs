using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Tests.Simulation;

/// <summary>
/// A developer: submits jobs until they are accepted, looks at them from time to time, cancels some. What it was told must stay true.
/// </summary>
internal sealed class VirtualClient(VirtualGrid grid)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly Dictionary<JobId, JobState> _seen = [];
    private int _submitted;

    /// <summary>Whether it looks at its jobs from time to time.</summary>
    public bool LooksAtJobs { get; init; } = true;

    /// <summary>The jobs that it was told are accepted, with the newest state seen.</summary>
    public IReadOnlyDictionary<JobId, JobState> Accepted => _seen;

    /// <summary>Submits a job until it is accepted.</summary>
    /// <param name="shards">Its shards, of one input each.</param>
    /// <param name="policy">How it is checked.</param>
    /// <param name="comparator">When two results are the same.</param>
    /// <param name="requester">Whose it is.</param>
    /// <param name="cancelAfter">When it is cancelled; null for never.</param>
    /// <param name="accepted">Is told when it is accepted.</param>
    public void Submit(
        int shards, VerificationPolicy policy, ComparatorKind comparator = ComparatorKind.Tensors, string requester = "", TimeSpan? cancelAfter = null,
        Action<JobId>? accepted = null)
    {
        var id = JobId.FromBytes(grid.Ids.Bytes16());
        grid.JobNumbers[id] = ++_submitted;
        var model = new ModelWork
        {
            Template = Template,
            Comparator = new Comparator { Kind = comparator },
        };
        var spec = new JobSpec { Model = Template.Model, Policy = policy, ShardSize = 1, Requester = requester };
        var isAccepted = false;
        if (grid.Silo.IsUp)
        {
            grid.Silo.ToJob(id, job => job.Submit(spec, model, shards, () =>
            {
                isAccepted = true;
                if (_seen.TryAdd(id, JobState.Running))
                {
                    accepted?.Invoke(id);
                    if (LooksAtJobs)
                    {
                        Look(id);
                    }

                    if (cancelAfter is { } time)
                    {
                        grid.Queue.After(time, () => Cancel(id));
                    }
                }
            }));
        }

        grid.Queue.After(Patience, () =>
        {
            if (!isAccepted)
            {
                Submit(shards, policy, comparator, requester, cancelAfter, accepted);
            }
        });
    }

    private static WorkTemplate Template { get; } = new()
    {
        Kind = WorkKind.Run,
        Model = new ModelRef("m", "1"),
        Manifest = new BlobRef(Sha256.Of([2]), 1),
        Category = "vision",
        Limits = new ManifestLimits(),
    };

    private void Cancel(JobId id)
    {
        if (grid.Silo.IsUp)
        {
            grid.Silo.ToJob(id, job => job.Cancel("the client cancels it"));
        }
    }

    private void Look(JobId id)
    {
        if (grid.Silo.IsUp)
        {
            grid.Silo.ToJob(id, job => See(id, job.State));
        }

        if (_seen[id] == JobState.Running)
        {
            grid.Queue.After(LookEvery, () => Look(id));
        }
    }

    private void See(JobId id, JobState? state)
    {
        Invariants.Require(state is not null, $"Job {id} was accepted and is not known any more.");
        Invariants.Require(_seen[id] == JobState.Running || _seen[id] == state, $"Job {id} was {_seen[id]} and is {state}.");
        _seen[id] = state!.Value;
    }

    /// <summary>Every accepted job is known, is over, and is what it was said to be.</summary>
    public void CheckAllOver()
    {
        foreach (var (id, seen) in _seen)
        {
            Invariants.Require(grid.Store.Jobs.TryGetValue(id, out var record), $"Job {id} was accepted and is lost.");
            Invariants.Require(record!.State != JobState.Running, $"Job {id} is not over: {record.Progress.Closed} of {record.ShardCount} shards are closed.");
            Invariants.Require(seen == JobState.Running || seen == record.State, $"Job {id} was {seen} and is {record.State}.");
        }
    }
}
