namespace PiGrid.Tests.Attack;

/// <summary>How saboteurs behave.</summary>
internal enum AdversaryKind
{
    /// <summary>One agreed lie; lie where they hold the majority of a shard's results, echo each other, and are honest after an honest result.</summary>
    Colluders,

    /// <summary>Each its own wrong answer, wherever they stand.</summary>
    RandomLiars,

    /// <summary>Colluders that are honest until a result of theirs may be accepted alone.</summary>
    UntilTrusted,

    /// <summary>Colluders that lie during every second hundred of their results.</summary>
    OnOff,

    /// <summary>Nodes that return a cheaper model's answer: equal answers on equal shards, wrong on some, but no care for what others return.</summary>
    Lazy,

    /// <summary>Colluders of which ten each have one owner.</summary>
    Sybils,

    /// <summary>
    /// Colluders that compare digests and are honest on a shard that any of them saw before, as a ringer that is used again would be. No shard is ever given
    /// out again after it was checked by an operator node, so what they lie on is what colluders lie on.
    /// </summary>
    RingerHunters,

    /// <summary>Colluders that return nothing until a hedge has gone out, and lie only if it went to a friend.</summary>
    Stallers,
}

/// <summary>An attack.</summary>
/// <param name="Kind">How saboteurs behave.</param>
/// <param name="Share">The share of all nodes that are saboteurs, 0 to 1.</param>
/// <param name="LieRate">The share of a saboteur's chances to lie that it takes, 0 to 1; for lazy nodes, of shards on which the cheaper model is wrong.</param>
/// <param name="ReEnrol">The probability that a saboteur which was found comes back as somebody new, 0 to below 1.</param>
internal sealed record Adversary(AdversaryKind Kind, double Share, double LieRate, double ReEnrol = 0)
{
    /// <summary>Nodes of one owner.</summary>
    public int NodesPerOwner => Kind == AdversaryKind.Sybils ? 10 : 1;

    /// <summary>Whether a saboteur says what another said on the same shard.</summary>
    public bool Echoes => Kind is not (AdversaryKind.RandomLiars or AdversaryKind.Lazy);
}
