using System.Text.Json;
using PiGrid.Inference;
using PiGrid.Inference.Segments;
using PiGrid.Inference.Sessions;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference.Segments;

/// <summary>Segment audits of the test data's models: chains, feature pyramids, several outputs.</summary>
public class RealSegmentTests
{
    [TestDataTheory]
    [InlineData("yolox_nano", "photos/dog.jpg", 8)]
    [InlineData("nanodet_m_320", "photos/dog.jpg", 8)]
    [InlineData("squeezenet", "photos/chelsea.png", 8)]
    [InlineData("mnist", "digits/3.jpg", 6)]
    public void HonestNode_WhoseProcessorIsAnother_PassesEverySegment(string model, string file, int segments)
    {
        var manifest = RealModels.Manifest(model);
        var files = PipelineFiles.FromFolder(manifest, TestData.Folder!);
        var plan = StreetModel.MakePlan(manifest, files, RealModels.Input(file), segments);
        Assert.InRange(plan.Segments.Count, 2, segments);
        Assert.Equal(1, plan.Segments.Sum(s => s.Share), 6);

        // No optimisation at all moves the last digits as another processor does.
        using var other = Pipeline.Load(manifest, files, new SessionSettings { Optimization = Microsoft.ML.OnnxRuntime.GraphOptimizationLevel.ORT_DISABLE_ALL });
        var prepared = other.Prepare(RealModels.Input(file));
        using var all = ModelSession.Load(
            OnnxGraph.Read(files.Model!).WithOutputs(plan.Tensors().Except(prepared.Tensors.Select(t => t.Name))), ExecutionProvider.Cpu,
            new SessionSettings { Optimization = Microsoft.ML.OnnxRuntime.GraphOptimizationLevel.ORT_DISABLE_ALL });
        var tensors = prepared.Tensors.Concat(all.Run(prepared.Tensors, CancellationToken.None)).ToDictionary(t => t.Name);
        using var prover = new SegmentProver(manifest, files, plan);
        using var verifier = new SegmentVerifier(manifest, files, plan, draws: plan.Segments.Count);
        var commitment = CanonicalJson.Serialize(prover.Commit(tensors));
        var challenge = verifier.Challenge(commitment, [1]);

        var finding = verifier.Verify(new()
        {
            Input = RealModels.Input(file),
            Output = other.Finish([.. other.Outputs.Select(o => tensors[o.Name])], prepared.Geometry),
            Commitment = commitment,
            Challenge = challenge,
            Evidence = JsonSerializer.SerializeToUtf8Bytes(prover.Open(JsonSerializer.Deserialize<SegmentChallenge>(challenge, GridJson.Wire)!, tensors), GridJson.Wire),
        });

        Assert.Equal(new VerifierFinding(Agreement.Agree, null, finding.Checked), finding);
        Assert.Equal(1, finding.Checked, 6);
    }

    [TestDataTheory]
    [InlineData("yolox_nano", "photos/dog.jpg")]
    [InlineData("nanodet_m_320", "photos/dog.jpg")]
    [InlineData("squeezenet", "photos/chelsea.png")]
    public void CheatingNode_WithOtherWeights_FailsEverySegment(string model, string file)
    {
        var manifest = RealModels.Manifest(model);
        var files = PipelineFiles.FromFolder(manifest, TestData.Folder!);
        var plan = StreetModel.MakePlan(manifest, files, RealModels.Input(file), 6);
        using var cheat = new SegmentProver(manifest, files with { Model = Weights.Scaled(files.Model!, 1.05f) }, plan);
        using var verifier = new SegmentVerifier(manifest, files, plan, draws: 1);
        var (output, commitment) = cheat.Run(RealModels.Input(file));

        for (var segment = 0; segment < plan.Segments.Count; segment++)
        {
            var challenge = CanonicalJson.Serialize(new SegmentChallenge { Segments = [segment] });
            var finding = verifier.Verify(new()
            {
                Input = RealModels.Input(file), Output = output, Commitment = commitment, Challenge = challenge, Evidence = cheat.Prove(RealModels.Input(file), challenge),
            });
            Assert.Equal(Agreement.Disagree, finding.Agreement);
        }
    }

    [TestDataFact]
    public void Plan_OfASmallModel_IsNotMade()
    {
        var manifest = RealModels.Manifest("mnist");
        var files = PipelineFiles.FromFolder(manifest, TestData.Folder!);
        using var pipeline = Pipeline.Load(manifest, files);
        var example = pipeline.Prepare(RealModels.Input("digits/3.jpg")).Tensors;

        Assert.Null(SegmentPlanner.Plan(files.Model!, example, new()));
        Assert.Null(SegmentPlanner.Plan(files.Model!, example, new() { ModelBytesMin = 0, OpeningBytesMax = 100 }));
        Assert.NotNull(SegmentPlanner.Plan(files.Model!, example, new() { ModelBytesMin = 0 }));
        Assert.Equal(3, new SegmentOptions { ModelBytesMin = -1, Segments = 1, OpeningBytesMax = 0 }.Validate().Count());
    }
}
