using PiGrid.Inference;
using PiGrid.Inference.Sessions;
using PiGrid.NodeAgent.Workers;
using PiGrid.Verification;

namespace PiGrid.Tests.NodeAgent;

/// <summary>What the agent tries itself with before the first lease, and what it tells of what does not work.</summary>
public sealed class TinyWorkTests
{
    [Fact]
    public void TinyWork_WhenRun_GivesAnOutputThatNobodyRefuses()
    {
        using var pipeline = Pipeline.Load(TinyWork.Manifest, new PipelineFiles { Model = TinyWork.Model });

        var output = pipeline.Run(TinyWork.Picture).Output;

        Assert.Null(output.Error);
        Assert.NotEmpty(output.Detections!);
        Assert.Empty(OutputChecks.Check(new() { Items = new[] { output } }, 1, TinyWork.Manifest.Postprocess.Kind));
    }

    [Theory]
    [InlineData(
        "/src/webgpu/webgpu_context.cc:99 void onnxruntime::webgpu::Context::Initialize(const Config&)::<lambda()> status == Status::Success was false. No supported adapters",
        "No supported adapters")]
    [InlineData("[ErrorCode:Fail] C:\\src\\model.cc:12 a condition was false. ", "[ErrorCode:Fail] a condition was false.")]
    [InlineData("Load model failed: the file was false. It ends early", "Load model failed: the file was false. It ends early")]
    public void LibraryMessage_WhenItNamesThePlaceInTheLibrarysSource_KeepsWhatIsSaid(string message, string shown) =>
        Assert.Equal(shown, LibraryMessage.Clean(message));
}
