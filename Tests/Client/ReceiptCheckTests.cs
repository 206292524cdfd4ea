using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
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
    public void Verify_WhenAReplicaCommittedItself_HoldsAsWellAsWithoutAndOnlyOfResults()
    {
        Assert.Empty(ReceiptCheck.Verify(Make(With(ResultStatement.TypeV2, [Digest("commitment")])), GridKey));
        (string Type, Sha256[]? Commitments)[] others =
            [(ResultStatement.TypeV2, null), (ResultStatement.TypeV2, []), (ResultStatement.TypeV1, [Digest("commitment")]), (ResultStatement.OpeningV1, null), (ResultStatement.AuditV1, null)];
        foreach (var (type, commitments) in others)
        {
            Assert.Contains(ReceiptCheck.Verify(Make(With(type, commitments)), GridKey), e => e.Contains("which is not a result", StringComparison.Ordinal));
        }

        Func<ReceiptReplica, ReceiptReplica> With(string type, Sha256[]? commitments) => replica =>
        {
            var statement = replica.Statement with { Type = type, Commitments = commitments };
            return replica with { Statement = statement, Signature = Signatures.Sign(_nodes[0], CanonicalJson.Serialize(statement)) };
        };
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

    [Fact]
    public void Verify_WhenAnyMemberIsChanged_SaysSo()
    {
        // What the file says, every name and value of it, is covered by a signature or by the key.
        var node = JsonSerializer.SerializeToNode(Make(), GridJson.Wire)!;
        var paths = Leaves(node).Select(leaf => leaf.GetPath()).ToArray();

        Assert.InRange(paths.Length, 30, 100);
        Assert.All(paths, path =>
        {
            var edited = JsonNode.Parse(node.ToJsonString())!;
            var leaf = Leaves(edited).Single(l => l.GetPath() == path);
            leaf.ReplaceWith(Change(leaf));
            Assert.NotEmpty(Errors(edited));
        });
    }

    [Fact]
    public void Verify_WhenTwoValuesAreSwapped_SaysSo()
    {
        // Every value is a genuine one, but stands where another belongs.
        var node = JsonSerializer.SerializeToNode(Make(), GridJson.Wire)!;
        var leaves = Leaves(node).ToArray();
        var swaps = 0;
        for (var i = 0; i < leaves.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (leaves[i].GetValueKind() == leaves[j].GetValueKind() && !JsonNode.DeepEquals(leaves[i], leaves[j]))
                {
                    swaps++;
                    var edited = JsonNode.Parse(node.ToJsonString())!;
                    var copies = Leaves(edited).ToArray();
                    copies[i].ReplaceWith(leaves[j].DeepClone());
                    copies[j].ReplaceWith(leaves[i].DeepClone());
                    Assert.True(Errors(edited).Count > 0, $"{leaves[i].GetPath()} and {leaves[j].GetPath()} can be swapped.");
                }
            }
        }

        Assert.InRange(swaps, 300, 3_000);
    }

    [Fact]
    public void Verify_WhenReplicasAreReorderedOrBelongToAnotherReceipt_SaysSo()
    {
        var (receipt, other) = (Make(), Make());
        var body = receipt.Body;
        (Receipt Forged, string Reason)[] forgeries =
        [
            (receipt with { Body = body with { Replicas = [.. body.Replicas.Reverse()] } }, "grid's signature"),
            (receipt with { Body = body with { Replicas = [body.Replicas[0]] } }, "grid's signature"),
            (receipt with { Signature = other.Signature }, "grid's signature"),
            (receipt with { Body = body with { Replicas = [.. body.Replicas, other.Body.Replicas[0]] } }, "grid's signature"),
            (receipt with { Signature = [] }, "grid's signature"),

            // Swaps that even the grid signs: each node's own signature tells.
            (Sign(body with { Replicas = [body.Replicas[0] with { Statement = body.Replicas[1].Statement }, body.Replicas[1]] }), "signature of node"),
            (Sign(body with { Replicas = [body.Replicas[0] with { Node = body.Replicas[1].Node }, body.Replicas[1]] }), "is not that node's"),
            (Sign(body with { Replicas = [body.Replicas[0] with { PublicKey = [1, 2, 3] }, body.Replicas[1]] }), "signature of node"),
            (Sign(body with { Manifest = Digest("model"), ModelFile = Digest("manifest") }), "another model"),
        ];

        Assert.All(forgeries, f => Assert.Contains(ReceiptCheck.Verify(f.Forged, GridKey), e => e.Contains(f.Reason, StringComparison.Ordinal)));
    }

    [Fact]
    public void Verify_WhenTheGridCountsAResultTwice_SaysSo()
    {
        // Even a grid that signs it cannot make two owners of one.
        var receipt = Make();
        var first = receipt.Body.Replicas[0];
        var twice = Sign(receipt.Body with { Replicas = [first, first with { Owner = receipt.Body.Replicas[1].Owner }] });

        var errors = ReceiptCheck.Verify(twice, GridKey);
        Assert.Contains(errors, e => e.Contains("counted 2 times", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("more than one owner", StringComparison.Ordinal));
    }

    [Fact]
    public void Verify_WhenNobodySignedTheOutput_SaysSo() =>
        Assert.Contains(
            ReceiptCheck.Verify(Sign(Make().Body with { Output = Digest("the grid's own") }), GridKey),
            e => e.Contains("signed the output", StringComparison.Ordinal));

    [Fact]
    public void Verify_WhenTheIdIsAnotherShards_SaysSo() =>
        Assert.Contains(
            ReceiptCheck.Verify(Sign(Make().Body with { Id = new ReceiptId(new ShardId(NewId.Job(), 0)) }), GridKey),
            e => e.Contains("is not that of shard", StringComparison.Ordinal));

    [Fact]
    public async Task Command_WhenTheReceiptHolds_NeedsNoGrid()
    {
        using var folder = new TempFolder();
        var (file, key) = Write(folder, JsonSerializer.Serialize(Make(), GridJson.Indented));

        var run = await ClientProgram.RunAsync(["receipt", "verify", file, "--grid-key", key, "--json"]);

        Assert.Equal(0, run.ExitCode);
        Assert.True(JsonNode.Parse(run.Output)!["valid"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Command_WhenTheReceiptWasEdited_FailsWithTheReason()
    {
        using var folder = new TempFolder();
        var edited = Make() is var receipt ? receipt with { Body = receipt.Body with { Policy = VerificationPolicy.Quorum(3) } } : null;
        var (file, key) = Write(folder, JsonSerializer.Serialize(edited, GridJson.Wire));

        var run = await ClientProgram.RunAsync(["receipt", "verify", file, "--grid-key", key]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("The grid's signature is not valid.", run.Output, StringComparison.Ordinal);
        Assert.Contains("needs 3", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("could not be mapped", "note")]
    [InlineData("not a receipt", null)]
    public async Task Command_WhenTheFileIsNoReceipt_ExitsWithTwo(string expected, string? extra)
    {
        using var folder = new TempFolder();
        var node = JsonSerializer.SerializeToNode(Make(), GridJson.Wire)!.AsObject();
        if (extra is not null)
        {
            node["body"]!.AsObject().Add(extra, "nobody signed this");
        }

        var (file, key) = Write(folder, extra is null ? node.ToJsonString()[..200] : node.ToJsonString());

        var run = await ClientProgram.RunAsync(["receipt", "verify", file, "--grid-key", key]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("not a receipt", run.Errors, StringComparison.Ordinal);
        Assert.Contains(expected, run.Errors, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA!\n-----END PUBLIC KEY-----")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    [InlineData("")]
    public void KeyFile_WhenItHoldsNoPublicKey_IsRefused(string text) => Assert.Throws<FormatException>(() => GridKeyFile.Read(text));

    [Fact]
    public void KeyFile_WhenWritten_IsReadBackAndByOthers()
    {
        var text = GridKeyFile.Write(GridKey);
        using var other = ECDsa.Create();
        other.ImportFromPem(text);

        Assert.Equal(GridKey, GridKeyFile.Read(text));
        Assert.Equal(GridKey, other.ExportSubjectPublicKeyInfo());
    }

    private (string File, string Key) Write(TempFolder folder, string receipt) =>
        (folder.Write("receipt.json", receipt), folder.Write("grid.pem", GridKeyFile.Write(GridKey)));

    private IReadOnlyList<string> Errors(JsonNode edited)
    {
        try
        {
            return ReceiptCheck.Verify(edited.Deserialize<Receipt>(GridJson.Document)!, GridKey);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return [e.Message];
        }
    }

    private static IEnumerable<JsonNode> Leaves(JsonNode node) => node switch
    {
        JsonObject inner => inner.Select(p => p.Value!).SelectMany(Leaves),
        JsonArray array => array.SelectMany(item => Leaves(item!)),
        _ => [node],
    };

    private static JsonNode Change(JsonNode leaf)
    {
        var value = leaf.AsValue();
        return value.GetValueKind() switch
        {
            JsonValueKind.Number => value.GetValue<double>() + 1,
            JsonValueKind.True => false,
            JsonValueKind.False => true,
            _ => Swap(value.GetValue<string>()),
        };
    }

    // Another of the same kind: one character in the middle differs.
    private static string Swap(string text)
    {
        var at = text.Length / 2;
        var other = text[at] == 'a' ? 'b' : 'a';
        return char.IsDigit(text[at]) ? text[..at] + (text[at] == '1' ? '2' : '1') + text[(at + 1)..] : text[..at] + other + text[(at + 1)..];
    }

    private Receipt Sign(ReceiptBody body) => new() { Body = body, Signature = Signatures.Sign(_grid, CanonicalJson.Serialize(body)) };

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
        return Sign(body);
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
