using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PiGrid.Grains.Jobs;
using PiGrid.Grains.Shards;
using PiGrid.Grains.Storage;
using PiGrid.Protocol;
using PiGrid.Tests.Verification;
using PiGrid.Verification;

namespace PiGrid.Tests.Shards;

/// <summary>What a shard says to a result that is signed well and yet cannot be used. Each costs its node an invalid result, and the shard a replica.</summary>
public sealed class ResultReaderTests : IDisposable
{
    private static readonly ShardSpec Spec = new ShardBench().Spec with { Comparator = new() { Kind = ComparatorKind.Detections, DecisionThreshold = 0.3 } };
    private static readonly Detection Bus = Samples.Object(0, 0.9, 0, 0);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pigrid-results-");
    private readonly FileBlobStore _blobs;

    public ResultReaderTests() =>
        _blobs = new(_folder.FullName, Options.Create(new BlobOptions()), TimeProvider.System, NullLogger<FileBlobStore>.Instance);

    public static TheoryData<string, string> Outputs { get; } = new()
    {
        { """{"items":[{"detections":[]}],"note":"nobody reads this"}""", "canonical JSON" },
        { """{"items":[{"detections":[],"error":null}]}""", "canonical JSON" },
        { """{ "items": [{"detections":[]}]}""", "canonical JSON" },
        { """{"items":[{"detections":[]}],"items":[{"detections":[]}]}""", "not valid JSON" },
        { """{"items":[{"detections":[{"box":[0,0,1,1],"class":0,"label":"a","score":NaN}]}]}""", "not valid JSON" },
        { """{"items":[{"detections":[{"box":[0,0,1,1e999],"class":0,"label":"a","score":0.5}]}]}""", "not valid JSON" },
        { "null", "not valid JSON" },
        { """{"items":[{"text":{"tokens":[],"text":"\ud800"}}]}""", "not valid JSON" },
        { """{"items":[{"error":{"code":77,"message":""}}]}""", "not valid JSON" },
        { """{"items":[{"detections":[]},{"detections":[]}]}""", "2 items" },
        { """{"items":[]}""", "0 items" },
        { """{"items":[{"labels":[]}]}""", "'detections'" },
        { """{"items":[{"detections":[{"box":[0,0,1,1],"class":0,"label":"a","score":0.2}]}]}""", "below 0.3" },
        { """{"items":[{"detections":[{"box":[0,0,1,1],"class":0,"label":"a","score":1.5}]}]}""", "0 to 1" },
        { """{"items":[{"detections":[{"box":[0,0,1,1],"class":0,"label":"a","score":0.5},{"box":[0,0,1,1],"class":0,"label":"a","score":0.5}]}]}""", "twice" },
        { "no JSON", "not valid JSON" },
    };

    public void Dispose()
    {
        _blobs.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Outputs))]
    public async Task Output_ThatIsNone_IsRefusedWithTheReason(string output, string reason)
    {
        var (result, problem) = await ReadAsync(Signed(Encoding.UTF8.GetBytes(output)));

        Assert.Null(result);
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_ThatIsWell_IsTaken()
    {
        var (result, problem) = await ReadAsync(Signed(Samples.Output(Samples.Detections(Bus)).ToCanonicalBytes()));

        Assert.Null(problem);
        Assert.Equal(Bus, Assert.Single(result!.Output.Items[0].Detections!));
    }

    [Fact]
    public async Task Output_OfAnotherDigestThanWasSigned_IsRefused()
    {
        var signed = Signed(Samples.Output(Samples.Detections(Bus)).ToCanonicalBytes());
        var other = Samples.Output(Samples.Detections()).ToCanonicalBytes();

        Assert.Contains("digest that was signed", (await ReadAsync(signed with { Output = other })).Problem, StringComparison.Ordinal);
        Assert.Contains("neither sent along nor uploaded", (await ReadAsync(signed with { Output = null })).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statement_AboutOtherWork_IsRefused()
    {
        var signed = Signed(Samples.Output(Samples.Detections(Bus)).ToCanonicalBytes());
        var other = Sha256.Of("other"u8);
        (ResultStatement Statement, string Reason)[] statements =
        [
            (signed.Statement with { Type = "pigrid-proof/1" }, "type"),
            (signed.Statement with { Manifest = other }, "manifest"),
            (signed.Statement with { ModelFile = other }, "model file"),
            (signed.Statement with { Inputs = [other] }, "other inputs"),
            (signed.Statement with { Inputs = [] }, "other inputs"),
        ];

        foreach (var (statement, reason) in statements)
        {
            Assert.Contains(reason, (await ReadAsync(signed with { Statement = statement })).Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Commitments_ThatDoNotFitTheItemsOrTheType_AreRefused()
    {
        var signed = Signed(Samples.Output(Samples.Detections(Bus)).ToCanonicalBytes());
        var error = Signed(Samples.Output(Samples.Error(ItemErrorCode.Undecodable)).ToCanonicalBytes());
        var (some, none) = (Sha256.Of("commitment"u8), Sha256.Of([]));

        Assert.Null((await ReadAsync(With(signed, ResultStatement.TypeV2, some))).Problem);
        Assert.Null((await ReadAsync(With(error, ResultStatement.TypeV2, none))).Problem);
        Assert.Contains("items[0]", (await ReadAsync(With(signed, ResultStatement.TypeV2, none))).Problem, StringComparison.Ordinal);
        Assert.Contains("items[0]", (await ReadAsync(With(error, ResultStatement.TypeV2, some))).Problem, StringComparison.Ordinal);
        Assert.Contains("type", (await ReadAsync(With(signed, ResultStatement.TypeV1, some))).Problem, StringComparison.Ordinal);
        Assert.Contains("type", (await ReadAsync(With(signed, ResultStatement.TypeV2))).Problem, StringComparison.Ordinal);
        Assert.Contains("type", (await ReadAsync(With(signed, ResultStatement.TypeV2, some, some))).Problem, StringComparison.Ordinal);
        static SignedResult With(SignedResult signed, string type, params Sha256[] commitments) =>
            signed with { Statement = signed.Statement with { Type = type, Commitments = commitments.Length > 0 ? commitments : null } };
    }

    [Fact]
    public async Task Statement_OfAnotherKindThanItsLease_IsRefused()
    {
        var opening = Signed(Samples.Output(new ItemOutput { Opening = new() { Commitment = new() { Plan = default, Tensors = [] }, Tensors = [] } }).ToCanonicalBytes());
        opening = opening with { Statement = opening.Statement with { Type = ResultStatement.OpeningV1, Inputs = [] } };

        Assert.Contains("type", (await ReadAsync(opening)).Problem, StringComparison.Ordinal);
        Assert.Null((await ReadAsync(Under(WorkKind.Open, opening))).Problem);
        Assert.Contains(ResultStatement.AuditV1, (await ReadAsync(Under(WorkKind.Audit, opening))).Problem, StringComparison.Ordinal);
        var asRun = opening with { Statement = opening.Statement with { Type = ResultStatement.TypeV1, Inputs = [.. Spec.Inputs.Select(i => i.Blob.Sha256)] } };
        Assert.Contains("no output of a run", (await ReadAsync(asRun)).Problem, StringComparison.Ordinal);
        static SignedResult Under(WorkKind kind, SignedResult signed) => signed with { Lease = signed.Lease with { Lease = signed.Lease.Lease with { Kind = kind } } };
    }

    private Task<(ReturnedResult? Result, string? Problem)> ReadAsync(SignedResult signed) =>
        ResultReader.ReadAsync(signed, Spec, _blobs, new JobOptions(), CancellationToken.None);

    private static SignedResult Signed(byte[] output) => new()
    {
        Lease = new(new() { Id = NewId.Lease(), Request = Guid.NewGuid(), Shard = Spec.Id, Node = NodeId.FromBytes(new byte[16]), Work = default, IssuedAt = default, Deadline = default }, new byte[64]),
        Statement = new()
        {
            Type = ResultStatement.TypeV1,
            Lease = NewId.Lease(),
            Manifest = Spec.Work.Manifest.Sha256,
            ModelFile = Spec.Work.ModelFile?.Sha256,
            Inputs = [.. Spec.Inputs.Select(i => i.Blob.Sha256)],
            Output = Sha256.Of(output),
            Provider = "cpu",
            Library = "onnxruntime 1.30.0",
            HardwareClass = "x64",
            TotalMs = 1,
            ModelMs = 1,
        },
        Signature = new byte[64],
        Output = output,
        OutputSize = output.Length,
    };
}
