namespace PiGrid.Tests.Attack;

/// <summary>What a node returned.</summary>
internal enum Answer : byte
{
    /// <summary>What an operator node would.</summary>
    Right,

    /// <summary>The lie that the party agreed on, or what the cheaper model says.</summary>
    Lie,

    /// <summary>Something wrong that nobody else returns.</summary>
    Odd,
}
