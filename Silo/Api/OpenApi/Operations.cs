using PiGrid.Api;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Silo.Api.OpenApi;

/// <summary>The operations of the grid's own routes. A test compares them with the routes that are mapped, and their answers with what is served.</summary>
internal static class Operations
{
    private const string Wait = "How long the answer may be held back until the end, in milliseconds.";

    /// <summary>All that the document describes.</summary>
    public static IReadOnlyList<Operation> All { get; } = [.. Grid(), .. Blobs(), .. Models(), .. Jobs(), .. Receipts(), .. Nodes(), .. Tokens(), .. DashboardOperations.All(), .. InferenceOperations.All(), .. BatchOperations.All()];

    private static IEnumerable<Operation> Grid() =>
    [
        new Operation("GET", "/api/grid", "The grid as a whole.").Gives<GridInfo>(),
        new Operation("GET", "/health/live", "Whether the process lives.").Open().Gives<HealthAnswer>(),
        new Operation("GET", "/health/ready", "Whether the silo serves.").Open().Gives<HealthAnswer>().Gives<HealthAnswer>(503),
        new Operation("GET", "/metrics", "Metrics in the Prometheus text format. Programs on the silo's own machine need no key.").For(KeyScope.Operate).Gives(200, "text/plain"),
        new Operation("GET", "/openapi.json", "This document.").Open().Gives(200, Operation.Json),
    ];

    private static IEnumerable<Operation> Blobs() =>
    [
        new Operation("POST", "/api/blobs", "Stores bytes under the digest that they have.").For(KeyScope.Submit, KeyScope.Publish).TakesBytes().Gives<BlobRef>().Or(400, 413),
        new Operation("PUT", "/api/blobs/{sha256}", "Stores bytes under a digest that they must have.").For(KeyScope.Submit, KeyScope.Publish).TakesBytes().Gives<BlobRef>().Or(400, 413, 422),
        new Operation("GET", "/api/blobs/{sha256}", "A blob's bytes, or a range of them.").For(KeyScope.Submit, KeyScope.Publish)
            .Heeds("Range", "The bytes that are wanted.").Gives(200, Operation.Bytes).Gives(206, Operation.Bytes).Gives(304).Gives(416).Or(400, 404),
        new Operation("HEAD", "/api/blobs/{sha256}", "Whether a blob is there, and how large it is.").For(KeyScope.Submit, KeyScope.Publish).Gives(200).Or(400, 404),
    ];

    private static IEnumerable<Operation> Models() =>
    [
        new Operation("POST", "/api/models", "Publishes a model version; its files are uploaded before.").For(KeyScope.Publish)
            .Takes<ModelManifest>().Gives<PublishOutcome>().Gives<PublishOutcome>(201).Or(400, 409, 413, 422),
        new Operation("GET", "/api/models", "The model versions, newest first.").Paged().Asks("open", "true: only those that are not decided on yet.").Gives<Page<ModelStatus>>(),
        new Operation("GET", "/api/models/{name}/versions/{version}", "Where a model version stands.").Asks("wait_ms", Wait).Gives<ModelStatus>().Or(404),
    ];

    private static IEnumerable<Operation> Jobs() =>
    [
        Inclusive(new Operation("POST", "/api/jobs", "Submits a job.").For(KeyScope.Submit).Repeatable().Takes<SubmitJobRequest>().Gives<JobStatus>().Gives<JobStatus>(202).Or(400, 413, 422)),
        new Operation("POST", "/api/jobs/estimate", "What a job would come to.").For(KeyScope.Submit).Takes<JobQuestion>().Gives<JobEstimate>().Or(400, 413, 422),
        new Operation("GET", "/api/jobs", "The jobs, newest first.").For(KeyScope.Submit).Paged().Asks("open", "true: only those that run.")
            .Asks("state", "running, completed, failed or cancelled: only those.").Asks("model", "NAME or NAME@VERSION: only its jobs.").Asks("since", "A time: only what was accepted from then on.")
            .Asks("validations", "true: the grid's own jobs, too; for operators.").Gives<Page<JobStatus>>().Or(400),
        Inclusive(new Operation("GET", "/api/jobs/{id}", "Where a job stands.").For(KeyScope.Submit).Gives<JobStatus>().Or(400, 404)),
        new Operation("DELETE", "/api/jobs/{id}", "Deletes a job that has ended, with its results and receipts.").For(KeyScope.Submit).Gives(204).Or(400, 404, 409),
        new Operation("POST", "/api/jobs/{id}/cancel", "Ends a job.").For(KeyScope.Submit).Takes<ReasonRequest>().Gives<JobStatus>().Or(400, 404, 413, 422),
        Inclusive(new Operation("POST", "/api/jobs/{id}/retry", "Submits what failed of a job again, as a new one.").For(KeyScope.Submit).Gives<JobStatus>().Gives<JobStatus>(202).Or(400, 404, 409, 422)),
        new Operation("GET", "/api/jobs/{id}/events", "What happens to a job, as server-sent events; each one's data is a JobEvent.").For(KeyScope.Submit)
            .Asks("after", "The sequence number after which to go on.").Heeds("Last-Event-ID", "The same, as browsers send it.").Gives(200, "text/event-stream").Or(400, 404),
        new Operation("GET", "/api/jobs/{id}/results", "A job's results in input order, a JobResult in each line.").For(KeyScope.Submit)
            .Asks("from", "The index of the first input.").Heeds("Accept", "text/event-stream: results as they come, until the job is over.").Gives(200, "application/x-ndjson").Or(400, 404),
        new Operation("GET", "/api/jobs/{id}/archive", "All results and receipts of a job that has ended, as a zip file.").For(KeyScope.Submit).Gives(200, "application/zip").Or(400, 404, 409),
    ];

    private static IEnumerable<Operation> Receipts() =>
    [
        new Operation("GET", "/api/receipts/{id}", "A receipt, signed by the grid.").Gives<Receipt>().Or(400, 404),
        new Operation("GET", "/api/jobs/{id}/shards/{shard}/receipt", "The receipt of a job's shard.").Gives<Receipt>().Or(400, 404),
    ];

    private static IEnumerable<Operation> Nodes() =>
    [
        new Operation("GET", "/api/nodes", "The nodes, newest first.").Paged().Gives<Page<NodeStatus>>(),
        new Operation("GET", "/api/nodes/{id}", "How a node stands.").Gives<NodeStatus>().Or(400, 404),
        new Operation("POST", "/api/nodes/{id}/drain", "Lets a node finish what it has and take nothing new, or take work again.").For(KeyScope.Operate)
            .Takes<DrainRequest>().Gives<NodeStatus>().Or(400, 404, 413),
        new Operation("POST", "/api/nodes/{id}/ban", "Bans a node's owner, with all nodes.").For(KeyScope.Operate).Takes<ReasonRequest>().Gives<NodeStatus>().Or(400, 404, 413, 422),
        new Operation("POST", "/api/nodes/{id}/unban", "Ends a ban or a suspension.").For(KeyScope.Operate).Gives<NodeStatus>().Or(400, 404),
    ];

    private static IEnumerable<Operation> Tokens() =>
    [
        new Operation("POST", "/api/tokens", "Makes a key or an enrolment token; its secret is shown this once.").For(KeyScope.Operate)
            .Takes<CreateTokenRequest>().Gives<CreateTokenResponse>(201).Or(400, 413, 422),
        new Operation("GET", "/api/tokens", "The credentials, newest first, without their secrets.").For(KeyScope.Operate).Paged().Gives<Page<CredentialInfo>>(),
        new Operation("POST", "/api/tokens/{id}/rotate", "Gives a credential a new secret.").For(KeyScope.Operate).Takes<RotateTokenRequest>().Gives<CreateTokenResponse>().Or(400, 404, 413, 422),
        new Operation("DELETE", "/api/tokens/{id}", "Revokes a credential.").For(KeyScope.Operate).Gives(204).Or(400, 404),
    ];

    private static Operation Inclusive(Operation operation) => operation
        .Asks("wait_ms", Wait).Asks("include", "results: the answer is a JobAnswer, with all results of a job that has ended and has few.");
}

/// <summary>What the health routes answer.</summary>
/// <param name="Status">One word.</param>
/// <param name="Reason">Why the silo does not serve.</param>
internal sealed record HealthAnswer(string Status, string? Reason);
