namespace PiGrid.Silo.Api.OpenApi;

/// <summary>The operations of the Open Inference Protocol.</summary>
internal static class InferenceOperations
{
    private const string Model = "/v2/models/{model}", Version = "/v2/models/{model}/versions/{version}", Repository = "/v2/repository";

    /// <summary>All of them.</summary>
    public static IEnumerable<Operation> All() =>
    [
        new Operation("GET", "/v2", "What the server is.").Gives<ServerMetadata>(),
        new Operation("GET", "/v2/health/live", "Whether the server lives.").Open().Gives<ServerLive>(),
        new Operation("GET", "/v2/health/ready", "Whether the server serves.").Open().Gives<ServerReady>().Gives<ServerReady>(503),
        new Operation("GET", "/v2/models", "The names of the models that are ready.").Gives<ModelNames>(),
        .. new[] { Model, Version }.SelectMany(OfModel),
        new Operation("GET", "/v2/models/stats", "What this silo has answered for all models.").Gives<StatisticsAnswer>(),
        new Operation("POST", Repository + "/index", "All model versions, ready or not.").Takes<RepositoryQuery>(optional: true).Gives<RepositoryEntry[]>().Or(400, 413),
        .. new[] { Model, Version }.SelectMany(path => OfRepository(Repository + path["/v2".Length..])),
    ];

    private static IEnumerable<Operation> OfModel(string path) =>
    [
        new Operation("GET", path, "A model's inputs and outputs.").Gives<ModelMetadata>().Or(400, 404),
        new Operation("GET", path + "/ready", "Whether the model can be called.").Gives<ModelReady>().Or(400, 404),
        new Operation("GET", path + "/stats", "What this silo has answered for the model.").Gives<StatisticsAnswer>().Or(400, 404),
        new Operation("POST", path + "/infer", "Runs a model. With the binary tensor extension, body and answer are JSON with the tensors' bytes behind it. "
            + "The parameters policy, timeout_ms, region, privacy_class and price_limit say on which terms.").For(KeyScope.Infer).Repeatable()
            .Heeds("Inference-Header-Content-Length", "How long the JSON is, where binary tensors follow it.")
            .Takes<InferRequest>().Gives<InferAnswer>().Or(400, 404, 409, 413, 499, 504),
    ];

    private static IEnumerable<Operation> OfRepository(string path) =>
    [
        new Operation("POST", path + "/load", "Takes a model into use again.").For(KeyScope.Operate).Takes<RepositoryCommand>(optional: true).Gives<EmptyAnswer>().Or(400, 404, 409, 413),
        new Operation("POST", path + "/unload", "Takes a model out of use.").For(KeyScope.Operate).Takes<RepositoryCommand>(optional: true).Gives<EmptyAnswer>().Or(400, 404, 409, 413),
    ];
}
