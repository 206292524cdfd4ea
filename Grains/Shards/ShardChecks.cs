using System.Collections.Immutable;
using PiGrid.Grains.Jobs;
using PiGrid.Grains.Shards.Segments;
using PiGrid.Grains.Verification;
using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Grains.Shards;

/// <summary>
/// What a shard's result has to stand up to: how many have to agree, whether an operator node has to say so, and what the checks then say about
/// those who returned results.
/// </summary>
internal static class ShardChecks
{
    /// <summary>What the shard's results have to reach.</summary>
    public static ShardAim AimOf(ShardState state) => new()
    {
        Kind = state.Spec!.Policy.Kind,
        Agreeing = state.Agreeing,
        Audit = state.Audit,
        Settles = state.Audits,
        Forgone = state.Forgone,
        Ringer = state.Spec is { Ringer: true, Work.Segments: null } && !state.Forgone && state.Distrusted.IsEmpty,
        After = state is { Spec: { Ringer: true, Work.Segments: not null }, Audit: true },
        Spot = SegmentCheckRules.IsPossible(state),
    };

    /// <summary>A shard that has just been opened.</summary>
    public static ShardState Begin(ShardState state)
    {
        var policy = state.Spec!.Policy;
        return state with
        {
            Agreeing = policy.Kind == PolicyKind.Adaptive ? Math.Max(1, state.Spec.AtOnce) : policy.Agreeing,
            Audits = state.Spec.Audits,
            Audit = state.Spec.Ringer || policy.Kind == PolicyKind.Critical,
            Spot = state.Spec is { Ringer: true, Work.Segments: not null },
        };
    }

    /// <summary>The job wants to know more: an accepted shard opens again, if it does not stand up to it already.</summary>
    public static void Want(ShardWork work, ShardCheck check)
    {
        var state = work.State;

        // A spot check that was passed is not made again because it was asked for twice.
        var audit = check.Audit && !(check.Spot && state.Spotted);
        var next = state with
        {
            Agreeing = Math.Clamp(check.Agreeing, 1, work.Options.ResultsPerShardMax),
            Audit = state.Audit || audit,
            Spot = audit ? check.Spot && (!state.Audit || state.Spot) : state.Spot,
            Audits = check.Audits,
            Forgone = state.Forgone && !audit,
            Distrusted = state.Distrusted.Union(check.Distrusted),
        };
        var isNews = next.Agreeing != state.Agreeing || next.Audit != state.Audit || next.Forgone != state.Forgone || next.Distrusted.Count != state.Distrusted.Count;
        switch (state.Phase)
        {
            case ShardPhase.Open:
                work.State = next;
                Escalate(work);
                break;
            case ShardPhase.Accepted when isNews:
                work.State = next with { Phase = ShardPhase.Open, LacksOwners = false };
                break;
            case ShardPhase.Accepted or ShardPhase.GivenUp:
                work.Do(new ShardCommand.ReportAgain());
                break;
            default:
                // The job opens the shard again, and asks again, after a restart.
                break;
        }
    }

    /// <summary>The dispatcher says whether anybody is left who could repeat the result.</summary>
    public static void Block(ShardWork work, bool lacksOwners)
    {
        work.State = work.State with { LacksOwners = lacksOwners };
        Escalate(work);
    }

    /// <summary>
    /// Where no other owner is left to repeat an adaptive shard's result, an operator node does; its word is waited for once more where it was given up, as with nobody else
    /// to ask a busy operator node is better than none.
    /// </summary>
    private static void Escalate(ShardWork work)
    {
        var state = work.State;
        if (state is { Phase: ShardPhase.Open, LacksOwners: true, Audits: true, Spec.Policy.Kind: PolicyKind.Adaptive } && (!state.Audit || state.Forgone)
            && state.Replicas.Any(r => r.Result is not null))
        {
            work.State = state with { Audit = true, Forgone = false };
        }
    }

    /// <summary>When the operator's word is no longer waited for; null when it is not waited for, or when nothing can replace it.</summary>
    public static DateTimeOffset? ForgoneAt(ShardState state, JobOptions options) =>
        state is { AuditAskedAt: { } since, Spec.Policy.Kind: not PolicyKind.Critical } && !state.Replicas.Any(r => r is { IsAudit: true, IsLive: true })
            ? since + options.AuditPatience
            : null;

    /// <summary>Goes on without the operator's word when it does not come.</summary>
    public static void Age(ShardWork work)
    {
        if (ForgoneAt(work.State, work.Options) <= work.Now)
        {
            work.State = work.State with { Forgone = true, AuditAskedAt = null };
        }
    }

    /// <summary>Asks for an operator node's word, or takes the wish back.</summary>
    public static void WantWord(ShardWork work, QuorumDecision.NeedMore more, Func<Replica, ShardWork, bool> countsAsRunning)
    {
        var audits = work.State.Replicas.Where(r => r.IsAudit && (r.IsWanted || countsAsRunning(r, work))).ToArray();
        if (!more.Audit)
        {
            foreach (var surplus in audits.Where(r => r.IsWanted))
            {
                ShardReplicaRules.Drop(work, surplus);
            }

            work.State = work.State with { AuditAskedAt = null };
            return;
        }

        work.State = work.State with { AuditAskedAt = work.State.AuditAskedAt ?? work.Now };
        if (audits.Length == 0 && work.State.Issued < work.Options.ReplicasPerShardMax)
        {
            ShardReplicaRules.Ask(work, more.HardwareClass, audit: true);
        }
    }

    /// <summary>
    /// What the decision says about those who returned results, beyond what they were told. An operator node's word judges all whom it confirms or
    /// contradicts. Volunteers' agreement confirms the first of them only, and only when another was asked after its result had come: who
    /// comes later may be right on purpose, and who is asked at the same time may know it.
    /// </summary>
    public static ImmutableList<ShardCommand.TellEvidence> Judge(ShardState state, QuorumDecision.Accept accept, ImmutableArray<Replica> returned)
    {
        var evidence = ImmutableList.CreateBuilder<ShardCommand.TellEvidence>();
        foreach (var replica in returned.Where(r => !r.IsAudit && !IsJudged(state, r)))
        {
            var lease = replica.Lease!.Value;
            if (accept.Audited && accept.Contradicting.Contains(lease))
            {
                evidence.Add(new(replica.Node!.Value, lease, Wrong: true, "an operator node contradicts it"));
            }
            else if (accept.Agreeing.Contains(lease) && !state.Checked.ContainsKey(lease) && (accept.Audited || IsConfirmed(replica, accept, returned)))
            {
                evidence.Add(new(replica.Node!.Value, lease, Wrong: false, accept.Audited ? "an operator node confirms it" : "another owner confirms it"));
            }
        }

        return evidence.ToImmutable();
    }

    /// <summary>The state in which what was told of results is known.</summary>
    public static ShardState Remember(ShardState state, QuorumDecision.Accept accept, ImmutableList<ShardCommand.TellEvidence> evidence, ImmutableArray<Replica> returned)
    {
        var judged = accept.Audited ? returned.Where(r => !r.IsAudit && !IsJudged(state, r) && IsClear(r, accept)).ToArray() : [];
        return state with
        {
            Checked = state.Checked
                .SetItems(evidence.Select(e => KeyValuePair.Create(e.Lease, accept.Audited)))
                .SetItems(judged.Select(r => KeyValuePair.Create(r.Lease!.Value, true))),
            Judged = state.Judged.AddRange(judged.Select(r =>
                new ShardJudgement(r.Node!.Value, r.Owner!.Value, r.Passed, accept.Contradicting.Contains(r.Lease!.Value)))),
        };
    }

    /// <summary>The acceptance, with those on whom it rests.</summary>
    public static ShardCommand.Accept ToCommand(ShardState state, QuorumDecision.Accept accept, Replica canonical, ImmutableArray<Replica> returned) =>
        new(canonical, returned, [.. accept.Agreeing], accept.Audited)
        {
            Witnesses =
            [
                .. returned.Where(r => !r.IsAudit && accept.Agreeing.Contains(r.Lease!.Value))
                    .Select(r => new ShardWitness(r.Node!.Value, r.Owner!.Value, r.Passed, r.AskedIn, r.ReturnedIn)),
            ],
            Judged = [.. state.Judged],
        };

    private static bool IsJudged(ShardState state, Replica replica) => state.Checked.TryGetValue(replica.Lease!.Value, out var byOperator) && byOperator;

    private static bool IsClear(Replica replica, QuorumDecision.Accept accept) =>
        accept.Contradicting.Contains(replica.Lease!.Value) || accept.Agreeing.Contains(replica.Lease.Value);

    private static bool IsConfirmed(Replica replica, QuorumDecision.Accept accept, ImmutableArray<Replica> returned) =>
        replica.Lease == returned.First(r => accept.Agreeing.Contains(r.Lease!.Value)).Lease
        && returned.Any(r => r.Lease != replica.Lease && accept.Agreeing.Contains(r.Lease!.Value) && CommitmentRules.Confirms(replica.Commitment, r.Commitment));
}
