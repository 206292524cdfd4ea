using System.Text;
using PiGrid.Grains.Batches;
using PiGrid.Grains.Jobs;
using PiGrid.Grains.Storage.Backup;

namespace PiGrid.Grains.Storage.Collection;

/// <summary>
/// Removes blobs that nothing names, once they are older than the grace period. The names are collected first, then each old blob without one is removed
/// unless it was put or found meanwhile: whoever is about to name a blob has put or found it, which renews its age in the same step in which the store
/// looks at it. So a job that is accepted at this moment never loses its input, and a crash anywhere leaves only blobs for the next time.
/// </summary>
/// <param name="store">Whose records name blobs.</param>
/// <param name="blobs">The blobs.</param>
internal sealed class BlobCollection(IGridStore store, IBlobStore blobs)
{
    private const string JobStateName = "job", BatchStateName = "batch";

    /// <summary>What a collection did.</summary>
    /// <param name="Named">Blobs that records name.</param>
    /// <param name="Removed">Blobs that were removed.</param>
    /// <param name="Bytes">Their bytes.</param>
    public sealed record Outcome(int Named, int Removed, long Bytes);

    /// <summary>Collects once.</summary>
    /// <param name="before">Blobs put or found at or after this time stay.</param>
    /// <param name="cancellationToken">Stops it; what was removed stays removed.</param>
    /// <exception cref="StorageException">The store cannot be read: nothing more is removed.</exception>
    public async Task<Outcome> RunAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var names = await NamesAsync(cancellationToken);
        var (removed, bytes) = (0, 0L);
        await foreach (var blob in blobs.ListAsync(before, cancellationToken))
        {
            if (!names.Contains(BlobNamesRules.ShortName(blob.Sha256)) && await blobs.RemoveAsync(blob.Sha256, before, cancellationToken))
            {
                removed++;
                bytes += blob.Size;
            }
        }

        return new Outcome(names.Count, removed, bytes);
    }

    private async Task<HashSet<ulong>> NamesAsync(CancellationToken cancellationToken)
    {
        var names = new HashSet<ulong>();
        var indexed = new List<(string Grain, BlobRef List, bool Needed)>();
        await using (var snapshot = await store.SnapshotAsync(cancellationToken))
        {
            await foreach (var page in snapshot.StatesAsync(cancellationToken))
            {
                foreach (var state in page)
                {
                    BlobNamesRules.AddNames(state.Payload, names);
                    indexed.AddRange(ListsIn(state.Name, state.Format, state.Payload, state.Grain));
                }
            }
        }

        foreach (var (grain, list, needed) in indexed)
        {
            await AddListedAsync(grain, list, needed, names, cancellationToken);
        }

        return names;
    }

    // The only blobs that name blobs which no record names: the inputs of jobs with many of them, and those of batches whose jobs are not submitted yet. (A manifest's files
    // are in the model's record too.)
    private static IEnumerable<(string Grain, BlobRef List, bool Needed)> ListsIn(string name, int format, byte[] payload, string grain)
    {
        switch (name)
        {
            case JobStateName when StateFormat.Read<JobRecord>(format, payload, $"state of {grain}") is { Index: { } index } job:
                return [(grain, index, job.State == JobState.Running)];
            case BatchStateName when StateFormat.Read<BatchRecord>(format, payload, $"state of {grain}") is { Plan: { } plan } batch && !BatchRules.IsTerminal(batch.State):
                return plan.Select(segment => (grain, segment, true));
            default:
                return [];
        }
    }

    private async Task AddListedAsync(string grain, BlobRef list, bool needed, HashSet<ulong> names, CancellationToken cancellationToken)
    {
        if (await blobs.OpenAsync(list.Sha256, cancellationToken) is { } stream)
        {
            using var reader = new StreamReader(stream);
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                BlobNamesRules.AddNames(Encoding.UTF8.GetBytes(line), names);
            }
        }
        else if (needed)
        {
            // Its inputs are not known now, and it can still go on once the list is put again.
            throw new StorageException(
                $"Blob {list.Sha256}, the list of inputs of {grain}, is lost or damaged: put it again or cancel what needs it. Until then no blob is collected.");
        }
    }
}
