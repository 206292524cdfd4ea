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

    /// <summary>Nodes that return a cheaper model's answer; equal wrong answers, but no care for what others return.</summary>
    Lazy,

    /// <summary>Colluders of which ten each have one owner.</summary>
    Sybils,

    /// <summary>Colluders that know a ringer when they see one, from notes and digests, and never lie on it.</summary>
    RingerHunters,
}

/// <summary>An attack.</summary>
/// <param name="Kind">How saboteurs behave.</param>
/// <param name="Share">The share of all nodes that are saboteurs, 0 to 1.</param>
/// <param name="LieRate">The share of a saboteur's chances to lie that it takes, 0 to 1.</param>
/// <param name="ReEnrol">The probability that a saboteur which was found comes back as somebody new, 0 to below 1.</param>
internal sealed record Adversary(AdversaryKind Kind, double Share, double LieRate, double ReEnrol = 0)
{
    /// <summary>Nodes of one owner.</summary>
    public int NodesPerOwner => Kind == AdversaryKind.Sybils ? 10 : 1;

    /// <summary>Whether a saboteur says what another said on the same shard.</summary>
    public bool Echoes => Kind is not (AdversaryKind.RandomLiars or AdversaryKind.Lazy);
}
