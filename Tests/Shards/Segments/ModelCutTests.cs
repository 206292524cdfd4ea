using PiGrid.Grains.Models;
using PiGrid.Grains.Shards.Segments;
using PiGrid.Models;
using PiGrid.Tests.Inference.Segments;
using PiGrid.Verification;

namespace PiGrid.Tests.Shards.Segments;

/// <summary>Which models are cut, and what is kept of their plans.</summary>
public sealed class ModelCutTests
{
    private static readonly ModelManifest Manifest = StreetModel.Manifest with
    {
        Model = new() { File = "street.onnx", Sha256 = StreetModel.Plan.Model, Size = 100 },
    };

    private static readonly SegmentCheckOptions Options = new() { ModelBytesMin = 100 };

    [Fact]
    public void Model_ThatIsLargeEnough_IsCut() =>
        Assert.Equal(new() { Segments = 8, OpeningBytesMax = 8 << 20 }, ModelRules.Cut(Manifest, Options));

    [Fact]
    public void Model_ThatIsSmallOrCannotBeCheckedInParts_IsNotCut()
    {
        Assert.Null(ModelRules.Cut(Manifest, Options with { ModelBytesMin = 101 }));
        Assert.Null(ModelRules.Cut(Manifest, Options with { Enabled = false }));
        Assert.Null(ModelRules.Cut(Manifest with { Ringers = [] }, Options));
        Assert.Null(ModelRules.Cut(Manifest with { Model = null }, Options));
        Assert.Null(ModelRules.Cut(Manifest with { Comparator = new() { Kind = ComparatorKind.Exact } }, Options));
        Assert.Null(ModelRules.Cut(Manifest with { Postprocess = new() { Kind = OutputKind.Text } }, Options));
    }

    [Fact]
    public void Report_WithAPlan_IsKeptByItsDigest_UnlessThePlanIsOfAnotherModel()
    {
        var kept = End(StreetModel.Plan).Segments!;
        Assert.Equal((CanonicalJson.Digest(StreetModel.Plan), 5), (kept.Plan!.Sha256, kept.Segments));

        Assert.Null(End(StreetModel.Plan with { Model = Sha256.Of("other"u8) }).Segments);
        Assert.Null(End(StreetModel.Plan with { Segments = [StreetModel.Plan.Segments[0]] }).Segments);
        Assert.Equal((ModelState.Ready, null), (End(null).State, End(null).Segments));
    }

    private static ModelRecord End(SegmentPlan? plan)
    {
        var job = NewId.Job();
        var report = new ModelReport { Inputs = [], Outputs = [], Ringers = [], Plan = plan };
        return ModelRules.End(ModelRules.Begin(Manifest, new BlobRef(default, 1), job, default), job, new() { Report = report }, null);
    }
}
