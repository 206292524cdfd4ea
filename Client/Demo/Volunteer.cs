namespace PiGrid.Client.Demo;

/// <summary>A node in the demo.</summary>
/// <param name="Name">Its owner's name.</param>
/// <param name="Role">What it is there to show.</param>
/// <param name="Agent">Its process.</param>
internal sealed record Volunteer(string Name, VolunteerRole Role, ChildProgram Agent)
{
    /// <summary>Its node's id, once it is enrolled.</summary>
    public NodeId Node { get; init; }
}

/// <summary>What a node is there for.</summary>
internal enum VolunteerRole
{
    /// <summary>The operator's own node, which validates models.</summary>
    Operator,

    /// <summary>Works as asked.</summary>
    Honest,

    /// <summary>Forges its results.</summary>
    Liar,

    /// <summary>Is killed while it holds a lease.</summary>
    Casualty,
}
