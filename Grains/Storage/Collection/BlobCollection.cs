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
        var indexes = new List<BlobRef>();
        await using (var snapshot = await store.SnapshotAsync(cancellationToken))
        {
            await foreach (var page in snapshot.StatesAsync(cancellationToken))
            {
                foreach (var state in page)
                {
                    BlobNamesRules.AddNames(state.Payload, names);
                    if (IndexOf(state) is { } index)
                    {
                        indexes.Add(index);
                    }
                }
            }
        }

        foreach (var index in indexes)
        {
            await AddIndexedAsync(index, names, cancellationToken);
        }

        return names;
    }

    // The only blobs that name blobs which no record names: the lists of jobs with many inputs. (A manifest's files are in the model's record too.)
    private static BlobRef? IndexOf(StoredState state) =>
        state.Name == "job" ? StateFormat.Read<JobRecord>(state.Format, state.Payload, $"state '{state.Name}' of {state.Grain}").Index : null;

    private async Task AddIndexedAsync(BlobRef index, HashSet<ulong> names, CancellationToken cancellationToken)
    {
        // One that is lost or damaged has its job fail; it must not keep the rest from being collected.
        if (await blobs.OpenAsync(index.Sha256, cancellationToken) is { } stream)
        {
            await using (stream)
            {
                var reader = new StreamReader(stream);
                while (await reader.ReadLineAsync(cancellationToken) is { } line)
                {
                    BlobNamesRules.AddNames(System.Text.Encoding.UTF8.GetBytes(line), names);
                }
            }
        }
    }
}
