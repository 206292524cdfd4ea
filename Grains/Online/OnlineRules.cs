using PiGrid.Grains.Jobs;
using PiGrid.Grains.Shards;
using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Grains.Online;

/// <summary>The decisions of an online call that a job's shard does not have: whether a first result is repeated before it is answered, and what it is worth.</summary>
internal static class OnlineRules
{
    /// <summary>What the shard's rules are given: an online call does not wait for a node that went away to come back.</summary>
    public static JobOptions Limits(JobOptions options) => new()
    {
        ReplicasPerShardMax = options.ReplicasPerShardMax,
        ResultsPerShardMax = options.ResultsPerShardMax,
        HedgesPerShardMax = options.HedgesPerShardMax,
        AskAgain = options.AskAgain,
        AuditPatience = options.AuditPatience,
        OutputBytesMax = options.OutputBytesMax,
        DisconnectGrace = TimeSpan.Zero,
    };

    /// <summary>
    /// How an adaptive call's first result is to be repeated before it is answered; null when it is answered as it is: because it was not drawn, or because nobody is
    /// there who could repeat it.
    /// </summary>
    /// <param name="passed">Checks that the node which gave it has passed.</param>
    /// <param name="known">What is known of the grid.</param>
    /// <param name="roll">A random number from 0 to below 1.</param>
    /// <param name="options">The target.</param>
    public static ShardCheck? FirstCheck(int passed, OnlineView known, double roll, TrustOptions options) =>
        roll >= RiskRules.OnlineRate(passed, known.Ledger.Lately(passed), options) ? null
        : known.Nodes.Owners > 1 ? new ShardCheck { Agreeing = 2, Audits = known.Nodes.HasOperator }
        : known.Nodes.HasOperator ? new ShardCheck { Agreeing = 1, Audit = true, Audits = true }
        : null;

    /// <summary>Whether an operator node computes it once more after it was answered.</summary>
    public static bool IsAudited(ShardCommand.Accept accept, OnlineView known, double roll, TrustOptions options) =>
        !accept.Audited && known.Nodes.HasOperator && roll < options.AuditRate;

    /// <summary>
    /// The probability that an output is right, at least: it is wrong when its first node lied and all who confirmed it are saboteurs too (Sarmenta 2001, group
    /// credibility, with the estimate of <see cref="RiskRules.Solo"/>).
    /// </summary>
    /// <param name="accept">On whom it rests.</param>
    /// <param name="known">What is known of the grid.</param>
    public static double Credibility(ShardCommand.Accept accept, OnlineView known)
    {
        if (accept.Audited || accept.Witnesses.IsEmpty)
        {
            return 1;
        }

        var solo = RiskRules.Solo(known.Ledger.Lately(accept.Witnesses[0].Passed), known.Saboteurs);
        return 1 - (solo * Math.Pow(known.Saboteurs, CommitmentRules.CountOf(accept.Witnesses) - 1));
    }

    /// <summary>What an online call's time being up means.</summary>
    /// <param name="wasGiven">Whether a node has had it.</param>
    /// <param name="isChecking">Whether a result is in that was to be confirmed.</param>
    /// <param name="queued">Why it waited; null when that was not said.</param>
    /// <param name="timeout">The time it had.</param>
    public static InferenceFailure TimeUp(bool wasGiven, bool isChecking, string? queued, TimeSpan timeout) =>
        isChecking ? new(InferenceFailureCode.TimedOut, FormattableString.Invariant(
                $"A result came, and nobody confirmed it within {timeout.TotalSeconds:0.######} s: allow more time, or ask for a policy with fewer replicas."))
        : wasGiven ? new(InferenceFailureCode.TimedOut, FormattableString.Invariant(
                $"No result came within {timeout.TotalSeconds:0.######} s: allow more time, or call again, which may meet another node."))
        : new(InferenceFailureCode.NoNode, FormattableString.Invariant(
                $"No node took the call within {timeout.TotalSeconds:0.######} s: {queued ?? "none that fits became free"}. Call again later."));
}
