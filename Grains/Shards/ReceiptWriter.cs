using PiGrid.Grains.Security;
using PiGrid.Verification;

namespace PiGrid.Grains.Shards;

/// <summary>Makes the signed receipt of an accepted shard.</summary>
internal static class ReceiptWriter
{
    /// <summary>The receipt for what the rules accepted; a job states its credibility later, when it is delivered.</summary>
    public static Receipt Write(ShardSpec spec, ShardCommand.Accept accept, DateTimeOffset now, IGridSigner signer, double? credibility = null)
    {
        var body = new ReceiptBody
        {
            Id = new ReceiptId(spec.Id),
            Shard = spec.Id,
            Model = spec.Work.Model,
            Manifest = spec.Work.Manifest.Sha256,
            ModelFile = spec.Work.ModelFile?.Sha256,
            Inputs = spec.Inputs.Select(i => i.Blob.Sha256).ToArray(),
            Output = accept.Canonical.Result!.Signed.Statement.Output,
            Policy = spec.Policy,
            AcceptedAt = now,
            GridKey = signer.PublicKey,
            Credibility = credibility,
            Replicas = accept.Compared.Select(r => new ReceiptReplica
            {
                Node = r.Node!.Value,
                Owner = r.Owner!.Value,
                Agreed = accept.Agreed.Contains(r.Lease!.Value),
                Statement = r.Result!.Signed.Statement,
                Signature = r.Result.Signed.Signature,
                PublicKey = r.Result.Signed.PublicKey ?? [],
                Operator = r.IsAudit,
            }).ToArray(),
        };
        return new Receipt { Body = body, Signature = signer.Sign(CanonicalJson.Serialize(body)) };
    }
}
