namespace PiGrid.Grains.Telemetry;

/// <summary>The names of the silo's spans; docs/telemetry.md says what each of them covers.</summary>
public static class SpanNames
{
    /// <summary>An online call, from its beginning to its answer.</summary>
    public const string Call = "pigrid.call";

    /// <summary>A submission is checked, forecast, admitted and stored.</summary>
    public const string Submit = "pigrid.submit";

    /// <summary>A job, from its acceptance to its end.</summary>
    public const string Job = "pigrid.job";

    /// <summary>A job's shard, from its opening to its end.</summary>
    public const string Shard = "pigrid.shard";

    /// <summary>A replica's wait for a node.</summary>
    public const string Dispatch = "pigrid.dispatch";

    /// <summary>A node's lease, from its assignment until its result is in or it is over.</summary>
    public const string Replica = "pigrid.replica";

    /// <summary>The node's work, as it says itself.</summary>
    public const string Node = "pigrid.node";

    /// <summary>The part of that inside the model, as the node says.</summary>
    public const string Model = "pigrid.node.model";

    /// <summary>What a result leads to: it is read, compared and decided on.</summary>
    public const string Quorum = "pigrid.quorum";

    /// <summary>The acceptance of a result: its receipt, and for a job its storage.</summary>
    public const string Accept = "pigrid.accept";
}
