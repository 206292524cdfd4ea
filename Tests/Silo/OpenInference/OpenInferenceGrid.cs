using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Models;
using PiGrid.Tests.NodeAgent;

namespace PiGrid.Tests.Silo.OpenInference;

/// <summary>A silo in this process with an operator's and a volunteer's agent, whose workers run ONNX Runtime; for every element type a model that gives back what it gets.</summary>
public sealed class OpenInferenceGrid : IAsyncLifetime
{
    private static readonly (string Type, TensorElementType Element)[] Types =
    [
        ("BOOL", TensorElementType.Bool), ("UINT8", TensorElementType.UInt8), ("UINT16", TensorElementType.UInt16), ("UINT32", TensorElementType.UInt32),
        ("UINT64", TensorElementType.UInt64), ("INT8", TensorElementType.Int8), ("INT16", TensorElementType.Int16), ("INT32", TensorElementType.Int32),
        ("INT64", TensorElementType.Int64), ("FP16", TensorElementType.Float16), ("FP32", TensorElementType.Float), ("FP64", TensorElementType.Double),
        ("BF16", TensorElementType.BFloat16), ("BYTES", TensorElementType.String),
    ];

    private readonly List<IAsyncDisposable> _agents = [];

    public TestSilo Silo { get; private set; } = null!;

    public HttpClient Http => Silo.Http;

    public async Task InitializeAsync()
    {
        Silo = await TestSilo.StartAsync("--Online:KnowledgeAge=00:00:00");
        var url = Silo.Url.ToString().TrimEnd('/');
        _agents.Add(AgentRun.Start(url, Silo.Bootstrap.OperatorNodeToken));
        _agents.Add(AgentRun.Start(url, Silo.Bootstrap.EnrolmentToken!));
        foreach (var (type, element) in Types)
        {
            await PublishAsync(NameOf(type), "1", OnnxModels.Identity(element, OnnxModels.Open, 2));
        }

        await PublishAsync(NameOf("FP32"), "2", OnnxModels.Identity(TensorElementType.Float, OnnxModels.Open, 2), m => m with { Description = "The second." });
        await PublishAsync("add", "1", OnnxModels.Add(2));
        await PublishAsync("grey", "1", OnnxModels.Identity(TensorElementType.Float, 1, 1, 2, 2), m => Inference.Manifests.Labels with { Name = m.Name, Model = m.Model });
        await WaitForVolunteerAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var agent in _agents)
        {
            await agent.DisposeAsync();
        }

        await Silo.DisposeAsync();
    }

    /// <summary>The model that gives back tensors of that type.</summary>
    public static string NameOf(string type) => $"same-{type}";

    private Task PublishAsync(string name, string version, byte[] model, Func<ModelManifest, ModelManifest>? change = null) =>
        TensorModel.PublishAsync(Http, name, version, model, change);

    private async Task WaitForVolunteerAsync()
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        while ((await Answer.PostAsync(Http, $"/v2/models/{NameOf("INT8")}/infer", Requests.Json("INT8", "[1,2]", "[1,2]", ",\"parameters\":{\"policy\":\"none\"}"))).Status
            == System.Net.HttpStatusCode.ServiceUnavailable)
        {
            await Task.Delay(50, limit.Token);
        }
    }
}
