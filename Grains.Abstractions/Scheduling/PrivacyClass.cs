namespace PiGrid;

/// <summary>Whose nodes may see the inputs of a job or call.</summary>
[GenerateSerializer, Alias("PiGrid.PrivacyClass")]
public enum PrivacyClass
{
    /// <summary>Any node that fits.</summary>
    Public,

    /// <summary>Nodes that are trusted when they are given the work, by results of theirs that were checked; and the operator's own.</summary>
    Trusted,

    /// <summary>The operator's own nodes alone, one of which runs each shard and is believed.</summary>
    Private,
}
