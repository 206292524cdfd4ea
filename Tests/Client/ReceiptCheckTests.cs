using System.Security.Cryptography;
using PiGrid.Client;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Tests.Client;

public sealed class ReceiptCheckTests : IDisposable
{
    private readonly ECDsa _grid = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa[] _nodes = [ECDsa.Create(ECCurve.NamedCurves.nistP256), ECDsa.Create(ECCurve.NamedCurves.nistP256)];

    private byte[] GridKey => _grid.ExportSubjectPublicKeyInfo();

    public void Dispose()
    {
        _grid.Dispose();
        Array.ForEach(_nodes, n => n.Dispose());
    }

    [Fact]
    public void Verify_WhenAllSignaturesHold_FindsNothingWrong() => Assert.Empty(ReceiptCheck.Verify(Make(), GridKey));

    [Fact]
    public void Verify_WhenBodyWasChangedAfterSigning_SaysSo()
    {
        var receipt = Make();

        var errors = ReceiptCheck.Verify(receipt with { Body = receipt.Body with { Output = Digest("other") } }, GridKey);

        Assert.Contains(errors, e => e.Contains("grid's signature", StringComparison.Ordinal));
    }

    [Fact]
    public void Verify_WhenAnotherGridSigned_SaysSo()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.Contains(ReceiptCheck.Verify(Make(), other.ExportSubjectPublicKeyInfo()), e => e.Contains("another grid", StringComparison.Ordinal));
    }

    [Fact]
    public void Verify_WhenAReplicasSignatureIsForged_NamesTheNode()
    {
        var receipt = Make(replica => replica with { Signature = new byte[Signatures.Length] });

        Assert.Contains(ReceiptCheck.Verify(receipt, GridKey), e => e.Contains(receipt.Body.Replicas[0].Node.Value, StringComparison.Ordinal));
    }

    [Fact]
    public void Verify_WhenAReplicaComputedSomethingElse_SaysSo()
    {
        var receipt = Make(replica =>
        {
            var statement = replica.Statement with { Inputs = [Digest("another input")] };
            return replica with { Statement = statement, Signature = Signatures.Sign(_nodes[0], CanonicalJson.Serialize(statement)) };
        });

        Assert.Contains(ReceiptCheck.Verify(receipt, GridKey), e => e.Contains("other inputs", StringComparison.Ordinal));
    }

    [Fact]
    public void Verify_WhenTooFewOwnersAgreed_SaysSo() =>
        Assert.Contains(ReceiptCheck.Verify(Make(replica => replica with { Agreed = false }), GridKey), e => e.Contains("needs 2", StringComparison.Ordinal));

    private Receipt Make(Func<ReceiptReplica, ReceiptReplica>? changeFirst = null)
    {
        var replicas = _nodes.Select((_, i) => MakeReplica(i)).ToArray();
        replicas[0] = changeFirst?.Invoke(replicas[0]) ?? replicas[0];
        var shard = new ShardId(NewId.Job(), 0);
        var body = new ReceiptBody
        {
            Id = new ReceiptId(shard),
            Shard = shard,
            Model = new ModelRef("street", "1"),
            Manifest = Digest("manifest"),
            ModelFile = Digest("model"),
            Inputs = [Digest("input")],
            Output = Digest("output"),
            Policy = VerificationPolicy.Quorum(2),
            AcceptedAt = DateTimeOffset.UnixEpoch,
            Replicas = replicas,
            GridKey = GridKey,
        };
        return new Receipt { Body = body, Signature = Signatures.Sign(_grid, CanonicalJson.Serialize(body)) };
    }

    private ReceiptReplica MakeReplica(int index)
    {
        var statement = new ResultStatement
        {
            Type = ResultStatement.TypeV1,
            Lease = NewId.Lease(),
            Manifest = Digest("manifest"),
            ModelFile = Digest("model"),
            Inputs = [Digest("input")],
            Output = Digest("output"),
            Provider = "cpu",
            Library = "onnxruntime",
            HardwareClass = "x64",
            TotalMs = 1,
            ModelMs = 1,
        };
        var key = _nodes[index].ExportSubjectPublicKeyInfo();
        return new ReceiptReplica
        {
            Node = Signatures.NodeIdOf(key),
            Owner = OwnerId.FromBytes([.. Enumerable.Repeat((byte)index, 16)]),
            Agreed = true,
            Statement = statement,
            Signature = Signatures.Sign(_nodes[index], CanonicalJson.Serialize(statement)),
            PublicKey = key,
        };
    }

    private static Sha256 Digest(string text) => Sha256.Of(System.Text.Encoding.UTF8.GetBytes(text));
}
