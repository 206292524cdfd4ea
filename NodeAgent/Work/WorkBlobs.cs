using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Work;

/// <summary>The blobs that a work order names.</summary>
internal static class WorkBlobs
{
    /// <summary>All of them, each once.</summary>
    public static IReadOnlyList<BlobRef> All(WorkOrder order) => [.. Model(order.Work).Concat(order.Inputs.Select(i => i.Blob)).Concat(Segments(order)).DistinctBy(b => b.Sha256)];

    /// <summary>Those that have to lie on disk: all but inputs that came along, as their lengths say. One that did not after all is fetched, or fails.</summary>
    public static IReadOnlyList<BlobRef> Disk(Assignment assignment)
    {
        var order = assignment.Order;
        var fetched = order.Inputs.Select(i => i.Blob).Where(blob => !assignment.Inline.Any(bytes => bytes.LongLength == blob.Size));
        return [.. Model(order.Work).Concat(fetched).Concat(Segments(order)).DistinctBy(b => b.Sha256)];
    }

    /// <summary>The plan and the claims, which come into play with single inputs.</summary>
    public static IEnumerable<BlobRef> Segments(WorkOrder order) => (order.Claims ?? []).Concat(order.Work.Segments?.Plan is { } plan ? [plan] : []);

    /// <summary>Those that a worker loads before the first input.</summary>
    public static IEnumerable<BlobRef> Model(WorkTemplate work)
    {
        yield return work.Manifest;
        if (work.ModelFile is { } model)
        {
            yield return model;
        }

        foreach (var file in work.Files)
        {
            yield return file.Blob;
        }
    }

    /// <summary>What a worker with this work loaded can run: the manifest names everything else by digest. One that keeps the files can do more.</summary>
    public static Sha256 KeyOf(WorkTemplate work, bool keepFiles) => keepFiles ? Sha256.Of([.. work.Manifest.Sha256.ToArray(), 1]) : work.Manifest.Sha256;
}
