using PiGrid.Grains.Security;
using PiGrid.Grains.Storage;
using PiGrid.Protocol;

namespace PiGrid.Grains.Nodes;

/// <summary>Makes what a node is sent of a lease: signature, grant, and the small blobs.</summary>
internal static class AssignmentBuilder
{
    /// <summary>The assignment for a lease that can be renewed up to <paramref name="latest"/>: the grant holds for as long as any renewal. What is <paramref name="given"/> travels in any case.</summary>
    public static async Task<Assignment> BuildAsync(
        Lease lease, WorkOrder order, IReadOnlyList<byte[]> given, DateTimeOffset latest, IReadOnlyList<Sha256> cached, IGridSigner signer, IBlobStore blobs, NodeOptions options, CancellationToken cancellationToken)
    {
        var refs = Blobs(order).DistinctBy(b => b.Sha256).ToArray();
        var inline = new List<byte[]>(given);
        var known = given.Count == 0 ? [] : order.Inputs.Select(input => input.Blob.Sha256).ToArray();
        var left = options.InlineBlobBytesMax * 4L;

        // Inputs first: they are new to the node, while models and labels are usually cached.
        foreach (var blob in refs.Where(b => b.Size <= options.InlineBlobBytesMax && !cached.Contains(b.Sha256) && !known.Contains(b.Sha256)))
        {
            if (blob.Size > left || await blobs.ReadBytesAsync(blob.Sha256, blob.Size, cancellationToken) is not { } bytes)
            {
                continue;
            }

            inline.Add(bytes);
            left -= blob.Size;
        }

        return new Assignment
        {
            Lease = new SignedLease(lease, signer.Sign(CanonicalJson.Serialize(lease))),
            Order = order,
            Grant = BlobGrant.For(lease.Node, lease.Id, latest + options.GrantGrace, refs.Select(b => b.Sha256)).ToToken(signer),
            Inline = inline,
        };
    }

    private static IEnumerable<BlobRef> Blobs(WorkOrder order)
    {
        foreach (var input in order.Inputs)
        {
            yield return input.Blob;
        }

        yield return order.Work.Manifest;
        foreach (var file in order.Work.Files)
        {
            yield return file.Blob;
        }

        if (order.Work.ModelFile is { } model)
        {
            yield return model;
        }

        if (order.Work.Segments?.Plan is { } plan)
        {
            yield return plan;
        }

        foreach (var claim in order.Claims ?? [])
        {
            yield return claim;
        }
    }
}
