namespace PiGrid.NodeAgent.Cache;

/// <summary>A blob on disk.</summary>
/// <param name="Digest">Its name.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="UsedAt">When it was last used.</param>
/// <param name="InUse">Whether work uses it now.</param>
internal readonly record struct CachedBlob(Sha256 Digest, long Size, DateTimeOffset UsedAt, bool InUse);

/// <summary>Which blobs make room.</summary>
internal static class EvictionRules
{
    /// <summary>
    /// The least recently used blobs that must go so that <paramref name="needed"/> more bytes fit the quota; null when even all that may go
    /// are not enough. What is in use never goes.
    /// </summary>
    public static IReadOnlyList<Sha256>? MakeRoom(IReadOnlyCollection<CachedBlob> blobs, long needed, long quota)
    {
        var used = blobs.Sum(b => b.Size);
        List<Sha256> gone = [];
        foreach (var blob in blobs.Where(b => !b.InUse).OrderBy(b => b.UsedAt))
        {
            if (used + needed <= quota)
            {
                break;
            }

            gone.Add(blob.Digest);
            used -= blob.Size;
        }

        return used + needed <= quota ? gone : null;
    }
}
