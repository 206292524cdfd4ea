using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Grains.Shards;

/// <summary>What a receipt remembers of the replicas of its shard.</summary>
internal static class ReceiptReader
{
    /// <summary>
    /// The replicas whose output is the canonical one to the last bit. Of others that agreed with it the output itself is not kept, so nothing
    /// can be compared with them again.
    /// </summary>
    /// <param name="receipt">The receipt; null for a shard without a result.</param>
    /// <param name="outcome">How the shard ended.</param>
    /// <param name="output">The canonical output; null when it is lost.</param>
    /// <param name="bytes">Its bytes; null when they are a blob.</param>
    public static IEnumerable<Replica> Replicas(ReceiptBody? receipt, ShardOutcome outcome, ShardOutput? output, byte[]? bytes)
    {
        if (receipt is null || output is null)
        {
            return [];
        }

        var witnesses = outcome.Witnesses.ToDictionary(witness => witness.Node);
        return receipt.Replicas
            .Where(replica => replica.Agreed && replica.Statement.Output == receipt.Output)
            .Select((replica, place) => new Replica
            {
                Request = Guid.Empty,
                State = ReplicaState.Returned,
                AskedAt = default,
                IsAudit = replica.Operator,
                Lease = replica.Statement.Lease,
                Node = replica.Node,
                Owner = replica.Owner,
                HardwareClass = replica.Statement.HardwareClass,
                Deadline = outcome.At,

                // In the order of the receipt, which is that of their arrival.
                ChangedAt = outcome.At.AddTicks(place - receipt.Replicas.Count),
                Passed = witnesses.GetValueOrDefault(replica.Node)?.Passed ?? 0,
                AskedIn = witnesses.GetValueOrDefault(replica.Node)?.AskedAt ?? 0,
                ReturnedIn = witnesses.GetValueOrDefault(replica.Node)?.ReturnedAt ?? 0,
                Result = new ReturnedResult(Signed(receipt, replica, outcome, bytes), output),
            });
    }

    private static SignedResult Signed(ReceiptBody receipt, ReceiptReplica replica, ShardOutcome outcome, byte[]? bytes)
    {
        var lease = new Lease
        {
            Id = replica.Statement.Lease,
            Request = Guid.Empty,
            Shard = receipt.Shard,
            Node = replica.Node,
            Work = receipt.Manifest,
            IssuedAt = outcome.At,
            Deadline = outcome.At,
        };
        return new SignedResult
        {
            Lease = new SignedLease(lease, []),
            Statement = replica.Statement,
            Signature = replica.Signature,
            Output = bytes,
            OutputSize = bytes?.Length ?? 0,
            PublicKey = replica.PublicKey,
        };
    }
}
