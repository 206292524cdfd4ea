using PiGrid.Client;
using PiGrid.Models;
using PiGrid.Tests.Inference;

namespace PiGrid.Tests.Scenarios.Poison;

/// <summary>Models that cannot be used, published to a whole grid: an operator's node finds out, the publisher reads why, and nothing else notices.</summary>
[Collection(RealProcesses.Name)]
public sealed class BadModelTests(PoisonGrid grid) : IClassFixture<PoisonGrid>
{
    [Fact]
    public async Task Model_ThatCannotBeUsed_IsRejectedWithTheReasonAndTheRemedy()
    {
        var good = OnnxModels.Add(2);
        await AssertRejectedAsync("no-onnx", "this is no model"u8.ToArray(), null, "export the model to ONNX");
        await AssertRejectedAsync("truncated", good[..(good.Length / 2)], null, "copy the whole ONNX file");
        await AssertRejectedAsync("operator", OnnxModels.UnknownOperator(), null, "NoSuchOperator", "export it again");
        await AssertRejectedAsync("inputs", good, [new("c", "float32", [2])], "no 'c'", "'a'");

        // The operator's node lives on, and so does every other model.
        var (job, results) = await grid.RunAsync([PoisonGrid.Good(7)]);
        Assert.Equal((JobState.Completed, 0), (job.State, job.InputsFailed));
        Assert.Equal(7, BitConverter.ToSingle(Assert.Single(results).Output.Tensors!.Single().Data));
    }

    private async Task AssertRejectedAsync(string name, byte[] model, TensorSpec[]? inputs, params string[] said)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var file = await grid.Client.UploadAsync(model, limit.Token);
        var manifest = Manifests.Tensors with { Name = name, Model = new() { File = "m.onnx", Sha256 = file.Sha256, Size = file.Size }, Inputs = inputs };
        await grid.Client.PublishAsync(manifest, limit.Token);

        var status = await grid.Client.WaitForModelAsync(manifest.Ref, limit.Token);

        Assert.Equal(ModelState.Rejected, status.State);
        Assert.All(said, text => Assert.Contains(text, status.Reason, StringComparison.Ordinal));
        var spec = new JobSpec { Model = manifest.Ref, Policy = VerificationPolicy.None, Inputs = [new JobInput { Name = "x", Data = [1] }] };
        var refused = await Assert.ThrowsAsync<GridApiException>(() => grid.Client.SubmitAsync(spec, cancellationToken: limit.Token));
        Assert.Equal(("model", "model_rejected"), (refused.Fields[0].Field, refused.Fields[0].Code));
    }
}
