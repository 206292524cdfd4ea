using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Client;
using PiGrid.Tests.Silo.OpenInference;

namespace PiGrid.Tests.Client;

/// <summary>Calls by the library, answered by a silo with agents whose workers run ONNX Runtime.</summary>
public sealed class InferenceTests : IAsyncLifetime
{
    private SameGrid _same = null!;
    private GridClient _grid = null!;

    public async Task InitializeAsync()
    {
        _same = await SameGrid.StartAsync();
        _grid = GridClient.FromBootstrap(_same.Silo.Bootstrap);
    }

    public async Task DisposeAsync()
    {
        _grid.Dispose();
        await _same.DisposeAsync();
    }

    [Fact]
    public async Task Infer_WhenAnswered_GivesOutputsAndHowTheyCameToBe()
    {
        var request = new InferRequest
        {
            Model = "same@1",
            Inputs = [InferInput.Of("x", new sbyte[] { 1, -2 }, 1, 2)],
            Outputs = ["y"],
            Policy = VerificationPolicy.None,
            Timeout = TimeSpan.FromSeconds(20),
            Id = "mine",
        };
        var answer = await _grid.InferAsync(request);

        Assert.Equal(("mine", "same@1", 1), (answer.Id, answer.Model.Value, answer.Replicas));
        Assert.Equal([1, -2], answer["y"].As<sbyte>().ToArray());
        Assert.Equal([1, 2], answer["y"].Shape);
        Assert.InRange(answer.Credibility!.Value, 0, 1);
        Assert.InRange(answer.ModelTime, TimeSpan.Zero, answer.NodeTime);
        Assert.Equal(answer.Receipt, (await _grid.FindReceiptAsync(answer.Receipt!.Value))!.Body.Id);
        Assert.Throws<InvalidOperationException>(() => answer["y"].As<float>().Length);
    }

    [Fact]
    public async Task Infer_WhenTensorsAreLargeOrTexts_ArriveAsTheyAre()
    {
        await TensorModel.PublishAsync(_same.Silo.Http, "floats", "1", OnnxModels.Identity(TensorElementType.Float, OnnxModels.Open, 2));
        await TensorModel.PublishAsync(_same.Silo.Http, "words", "1", OnnxModels.Identity(TensorElementType.String, OnnxModels.Open));
        var numbers = Enumerable.Range(0, 200_000).Select(n => n / 7f).ToArray();

        var floats = await _grid.InferAsync("floats", [InferInput.Of("x", numbers, 100_000, 2)], VerificationPolicy.None);
        var words = await _grid.InferAsync("words", [InferInput.Text("x", "", "Grüße", "end")], VerificationPolicy.None);

        Assert.Equal(numbers, floats["y"].As<float>().ToArray());
        Assert.True(MemoryMarshal.TryGetArray(floats["y"].Data, out var piece));
        Assert.True(piece.Array!.Length > piece.Count && piece.Offset % 8 == 0);
        Assert.Equal(["", "Grüße", "end"], words["y"].Texts());
    }

    [Fact]
    public async Task Infer_WhenSentAgainWithItsKey_RunsOnce()
    {
        var request = new InferRequest { Model = "same", Inputs = [InferInput.Of("x", new sbyte[] { 3, 4 }, 1, 2)], Policy = VerificationPolicy.None };

        var first = await _grid.InferAsync(request with { IdempotencyKey = "once" });
        var again = await _grid.InferAsync(request with { IdempotencyKey = "once" });
        var other = await _grid.InferAsync(request);

        Assert.Equal(first.Receipt, again.Receipt);
        Assert.NotEqual(first.Receipt, other.Receipt);
    }

    [Fact]
    public async Task Infer_WhenRefused_SaysWhyInTheGridsWords()
    {
        var unknown = await Assert.ThrowsAsync<GridApiException>(() => _grid.InferAsync("absent", [InferInput.Of("x", new sbyte[] { 1, 2 }, 1, 2)]));
        var misshapen = await Assert.ThrowsAsync<GridApiException>(() => _grid.InferAsync("same", [InferInput.Of("x", new sbyte[] { 1, 2, 3 })]));

        Assert.Equal((HttpStatusCode.NotFound, "not_found"), (unknown.Status, unknown.Code));
        Assert.Contains("absent", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, misshapen.Status);
        Assert.Contains("inputs[0].shape", misshapen.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Services_WhenAGridIsAdded_GiveAClientOfIt()
    {
        var services = new ServiceCollection();
        services.AddPiGrid(options => (options.Grid, options.Key) = (_same.Silo.Url, _same.Silo.Bootstrap.OperatorKey));
        await using var provider = services.BuildServiceProvider();

        var answer = await provider.GetRequiredService<GridClient>().InferAsync("same", [InferInput.Of("x", new sbyte[] { 1, 2 }, 1, 2)], VerificationPolicy.None);

        Assert.Equal([1, 2], answer["y"].As<sbyte>().ToArray());
        Assert.NotSame(provider.GetRequiredService<GridClient>(), provider.GetRequiredService<GridClient>());
    }
}
