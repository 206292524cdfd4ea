using System.Net;
using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Tests.NodeAgent;

namespace PiGrid.Tests.Silo.OpenInference;

/// <summary>A silo in this process with an operator's and a volunteer's agent, and one small model, <c>same@1</c>, which gives back its bytes.</summary>
internal sealed class SameGrid : IAsyncDisposable
{
    private readonly List<AgentRun> _agents = [];

    private SameGrid(TestSilo silo) => Silo = silo;

    public TestSilo Silo { get; }

    /// <summary>Starts it; a call is answered when this returns.</summary>
    public static async Task<SameGrid> StartAsync(params string[] args)
    {
        var grid = new SameGrid(await TestSilo.StartAsync(["--Online:KnowledgeAge=00:00:00", .. args]));
        foreach (var token in new[] { grid.Silo.Bootstrap.OperatorNodeToken, grid.Silo.Bootstrap.EnrolmentToken! })
        {
            grid._agents.Add(AgentRun.Start(grid.Silo.Url.ToString().TrimEnd('/'), token));
        }

        await TensorModel.PublishAsync(grid.Silo.Http, "same", "1", OnnxModels.Identity(TensorElementType.Int8, OnnxModels.Open, 2));
        using var limit = new CancellationTokenSource(Patience.Limit);
        while ((await grid.InferAsync()).Status == HttpStatusCode.ServiceUnavailable)
        {
            await Task.Delay(50, limit.Token);
        }

        return grid;
    }

    /// <summary>Calls the model.</summary>
    public Task<Answer> InferAsync(params (string Name, string Value)[] headers) => Answer.PostAsync(Silo.Http, "/v2/models/same/infer", Call, headers);

    /// <summary>The body of a call.</summary>
    public static string Call { get; } = Requests.Json("INT8", "[1,2]", "[1,2]", ",\"parameters\":{\"policy\":\"none\"}");

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents)
        {
            await agent.DisposeAsync();
        }

        await Silo.DisposeAsync();
    }
}
