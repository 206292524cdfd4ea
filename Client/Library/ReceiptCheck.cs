using PiGrid.Verification;

namespace PiGrid.Client;

/// <summary>
/// Verifies a receipt offline, from the receipt and the grid's public key alone: the grid signed it, each node signed what it
/// computed, and enough distinct owners agreed.
/// </summary>
public static class ReceiptCheck
{
    /// <summary>Everything that is wrong with a receipt; empty when it holds.</summary>
    /// <param name="receipt">The receipt.</param>
    /// <param name="gridKey">The grid's public key, kept from before (<see cref="GridClient.GetGridAsync"/>): a receipt does not vouch for its own key.</param>
    public static IReadOnlyList<string> Verify(Receipt receipt, ReadOnlySpan<byte> gridKey)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        var errors = new List<string>();
        var body = receipt.Body;
        if (!gridKey.SequenceEqual(body.GridKey))
        {
            errors.Add("The receipt names another grid's key.");
        }

        if (!Signatures.Verify(gridKey, CanonicalJson.Serialize(body), receipt.Signature))
        {
            errors.Add("The grid's signature is not valid.");
        }

        foreach (var replica in body.Replicas)
        {
            CheckReplica(body, replica, errors);
        }

        var owners = body.Replicas.Where(r => r.Agreed).Select(r => r.Owner).Distinct().Count();
        if (owners < body.Policy.Agreeing)
        {
            errors.Add($"{owners} owners agreed; the policy {body.Policy} needs {body.Policy.Agreeing}.");
        }

        return errors;
    }

    private static void CheckReplica(ReceiptBody body, ReceiptReplica replica, List<string> errors)
    {
        var statement = replica.Statement;
        if (Signatures.NodeIdOf(replica.PublicKey) != replica.Node)
        {
            errors.Add($"The public key given for node {replica.Node} is not that node's.");
        }

        if (!Signatures.Verify(replica.PublicKey, CanonicalJson.Serialize(statement), replica.Signature))
        {
            errors.Add($"The signature of node {replica.Node} is not valid.");
        }

        if (statement.Manifest != body.Manifest || statement.ModelFile != body.ModelFile || !statement.Inputs.SequenceEqual(body.Inputs))
        {
            errors.Add($"Node {replica.Node} signed for another model or other inputs.");
        }
    }
}
