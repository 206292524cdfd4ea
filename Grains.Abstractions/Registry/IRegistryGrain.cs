namespace PiGrid;

/// <summary>
/// A partition of a list of ids, since grain storage cannot be queried. The key is <c>LIST/PARTITION</c>; see <see cref="RegistryLists"/>.
/// </summary>
[Alias("PiGrid.IRegistryGrain")]
public interface IRegistryGrain : IGrainWithStringKey
{
    /// <summary>Enters or changes an entry. Durable when it returns.</summary>
    [Alias("Put")]
    Task Put(RegistryEntry entry);

    /// <summary>Takes an entry out. Durable when it returns; nothing happens when there is none.</summary>
    [Alias("Remove")]
    Task Remove(string id);

    /// <summary>All entries of the partition.</summary>
    [Alias("List")]
    Task<IReadOnlyList<RegistryEntry>> List();
}

/// <summary>One entry of a registry.</summary>
/// <param name="Id">The id's text.</param>
/// <param name="Open">Whether there is work left to resume after a restart.</param>
/// <param name="CreatedAt">When it was entered; lists are newest first.</param>
/// <param name="Requester">Whose it is, for jobs, files and batches.</param>
/// <param name="Internal">Whether it is the grid's own, as the jobs that validate models are: lists leave it out, and it takes nobody's place.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.RegistryEntry")]
public sealed record RegistryEntry(
    [property: Id(0)] string Id,
    [property: Id(1)] bool Open,
    [property: Id(2)] DateTimeOffset CreatedAt,
    [property: Id(3)] string? Requester = null,
    [property: Id(4)] bool Internal = false);

/// <summary>The lists and their partitions.</summary>
public static class RegistryLists
{
    /// <summary>Jobs.</summary>
    public const string Jobs = "jobs";

    /// <summary>Nodes.</summary>
    public const string Nodes = "nodes";

    /// <summary>Model versions.</summary>
    public const string Models = "models";

    /// <summary>Files of developers.</summary>
    public const string Files = "files";

    /// <summary>Batches.</summary>
    public const string Batches = "batches";

    /// <summary>Partitions of each list. Fixed: changing it would lose entries.</summary>
    public const int Partitions = 16;

    /// <summary>The key of the partition that holds <paramref name="id"/>.</summary>
    public static string KeyOf(string list, string id)
    {
        var hash = 2166136261u;
        foreach (var c in id)
        {
            // FNV-1a: the same in every process, which string.GetHashCode is not.
            hash = unchecked((hash ^ c) * 16777619u);
        }

        return $"{list}/{hash % Partitions}";
    }

    /// <summary>The keys of all partitions of a list.</summary>
    public static IEnumerable<string> KeysOf(string list) => Enumerable.Range(0, Partitions).Select(p => $"{list}/{p}");
}
