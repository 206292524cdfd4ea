using System.Security.Cryptography;
using System.Text.Json;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Tests.Abstractions;

/// <summary>A receipt goes through JSON and proves the same after as before.</summary>
public sealed class ReceiptTests : IDisposable
{
    private readonly ECDsa _grid = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _node = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _grid.Dispose();
        _node.Dispose();
    }

    [Fact]
    public void Receipt_WhenReadBackFromJson_StillProves()
    {
        var receipt = Make();
        var read = JsonSerializer.Deserialize<Receipt>(JsonSerializer.Serialize(receipt, GridJson.Indented), GridJson.Wire)!;

        Assert.True(Signatures.Verify(read.Body.GridKey, CanonicalJson.Serialize(read.Body), read.Signature));
        var replica = Assert.Single(read.Body.Replicas);
        Assert.True(Signatures.Verify(replica.PublicKey, CanonicalJson.Serialize(replica.Statement), replica.Signature));
        Assert.Equal(replica.Node, Signatures.NodeIdOf(replica.PublicKey));
    }

    [Fact]
    public void Receipt_WhenAnythingWasChanged_ProvesNothing()
    {
        var receipt = Make();
        ReceiptBody[] forged =
        [
            receipt.Body with { Output = Sha256.Of("another"u8) },
            receipt.Body with { AcceptedAt = receipt.Body.AcceptedAt.AddTicks(1) },
            receipt.Body with { Policy = VerificationPolicy.Quorum(3) },
            receipt.Body with { Replicas = [] },
        ];

        Assert.All(forged, body => Assert.False(Signatures.Verify(body.GridKey, CanonicalJson.Serialize(body), receipt.Signature)));
    }

    private Receipt Make()
    {
        var statement = new ResultStatement
        {
            Type = ResultStatement.TypeV1,
            Lease = NewId.Lease(),
            Manifest = Sha256.Of("manifest"u8),
            Inputs = [Sha256.Of("picture"u8)],
            Output = Sha256.Of("output"u8),
            Provider = "cpu",
            Library = "onnxruntime 1.30.0",
            HardwareClass = "x64-avx512-cpu-1.30.0",
            TotalMs = 12.5,
            ModelMs = 1.0 / 3,
        };
        var shard = new ShardId(NewId.Job(), 3);
        var nodeKey = _node.ExportSubjectPublicKeyInfo();
        var body = new ReceiptBody
        {
            Id = new ReceiptId(shard),
            Shard = shard,
            Model = new ModelRef("street", "1"),
            Manifest = statement.Manifest,
            Inputs = statement.Inputs,
            Output = statement.Output,
            Policy = VerificationPolicy.Quorum(2),
            AcceptedAt = new DateTimeOffset(2026, 11, 1, 12, 0, 0, 123, TimeSpan.Zero),
            GridKey = _grid.ExportSubjectPublicKeyInfo(),
            Replicas =
            [
                new ReceiptReplica
                {
                    Node = Signatures.NodeIdOf(nodeKey),
                    Owner = OwnerId.FromBytes(new byte[16]),
                    Agreed = true,
                    Statement = statement,
                    Signature = Signatures.Sign(_node, CanonicalJson.Serialize(statement)),
                    PublicKey = nodeKey,
                },
            ],
        };
        return new Receipt { Body = body, Signature = Signatures.Sign(_grid, CanonicalJson.Serialize(body)) };
    }
}
