namespace PiGrid.Grains.Scheduling;

/// <summary>What a node answers when it is given a replica.</summary>
internal enum NodeAnswer
{
    /// <summary>It has it.</summary>
    Took,

    /// <summary>It takes nothing now, or could not be asked.</summary>
    Refused,

    /// <summary>It may not have a replica of this shard; others it takes.</summary>
    RefusedShard,
}
