using PiGrid.Protocol;
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

        if (body.Id.Shard != body.Shard)
        {
            errors.Add($"The receipt's id {body.Id} is not that of shard {body.Shard}.");
        }

        foreach (var replica in body.Replicas)
        {
            CheckReplica(body, replica, errors);
        }

        CheckAgreement(body, errors);
        return errors;
    }

    /// <summary>Everything that is wrong with outputs that are said to be the receipt's; empty when they are what it proves.</summary>
    /// <param name="receipt">The receipt; <see cref="Verify"/> says whether it holds itself.</param>
    /// <param name="results">The outputs of the receipt's shard, in any order.</param>
    public static IReadOnlyList<string> VerifyOutputs(Receipt receipt, IEnumerable<JobResult> results)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        ArgumentNullException.ThrowIfNull(results);
        var items = results.OrderBy(result => result.Index).Select(result => result.Output).ToArray();
        var inputs = receipt.Body.Inputs.Count;
        return items.Length != inputs ? [$"The receipt is about {inputs} outputs; {items.Length} are there."]
            : Sha256.Of(new ShardOutput { Items = items }.ToCanonicalBytes()) != receipt.Body.Output ? ["The outputs are not those that the receipt proves."]
            : [];
    }

    private static void CheckReplica(ReceiptBody body, ReceiptReplica replica, List<string> errors)
    {
        var statement = replica.Statement;
        if (Signatures.NodeIdOf(replica.PublicKey) != replica.Node)
        {
            errors.Add($"The public key given for node {replica.Node} is not that node's.");
        }

        if (!statement.IsOfResult())
        {
            errors.Add($"Node {replica.Node} signed a '{statement.Type}', which is not a result ({ResultStatement.TypeV1}, or {ResultStatement.TypeV2} with a commitment for each input).");
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

    private static void CheckAgreement(ReceiptBody body, List<string> errors)
    {
        foreach (var twice in body.Replicas.GroupBy(r => r.Statement.Lease).Where(g => g.Count() > 1))
        {
            errors.Add($"The result of lease {twice.Key} is counted {twice.Count()} times.");
        }

        foreach (var twice in body.Replicas.GroupBy(r => r.Node).Where(g => g.Select(r => r.Owner).Distinct().Count() > 1))
        {
            errors.Add($"Node {twice.Key} is counted for more than one owner.");
        }

        var agreed = body.Replicas.Where(r => r.Agreed).ToList();
        if (agreed.TrueForAll(r => r.Statement.Output != body.Output))
        {
            errors.Add("No node that agreed has signed the output that the receipt names.");
        }

        // An operator node's word settles what volunteers do not agree on; a critical job needs both.
        var owners = agreed.Where(r => !r.Operator).Select(r => r.Owner).Distinct().Count();
        var isVouchedFor = agreed.Exists(r => r.Operator);
        if (owners < body.Policy.Agreeing && (body.Policy.Kind == PolicyKind.Critical || !isVouchedFor))
        {
            errors.Add($"{owners} owners agreed; the policy {body.Policy} needs {body.Policy.Agreeing}.");
        }

        if (body.Policy.Kind == PolicyKind.Critical && !isVouchedFor)
        {
            errors.Add($"No operator node agreed; the policy {body.Policy} needs one.");
        }

        if (body.Credibility is { } credibility && credibility is not (>= 0 and <= 1))
        {
            errors.Add($"A credibility is 0 to 1, not {credibility}.");
        }
    }
}
