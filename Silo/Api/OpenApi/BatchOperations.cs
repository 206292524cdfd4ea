using PiGrid.Silo.Api.OpenAi;

namespace PiGrid.Silo.Api.OpenApi;

/// <summary>The operations of files, batches and models as OpenAI's clients know them.</summary>
internal static class BatchOperations
{
    /// <summary>All of them.</summary>
    public static IEnumerable<Operation> All() =>
    [
        new Operation("POST", "/v1/files", "Stores a file of calls, the form's field file; its field purpose is batch.").For(KeyScope.Submit).Repeatable().TakesForm().Gives<OpenAiFile>().Or(400, 413, 415, 422),
        Paged(new Operation("GET", "/v1/files", "A key's files, newest first.").Asks("purpose", "batch or batch_output: only those.").Gives<OpenAiPage<OpenAiFile>>()),
        new Operation("GET", "/v1/files/{id}", "A file.").For(KeyScope.Submit).Gives<OpenAiFile>().Or(404),
        new Operation("GET", "/v1/files/{id}/content", "A file's bytes, or a range of them.").For(KeyScope.Submit)
            .Heeds("Range", "The bytes that are wanted.").Gives(200, Operation.Bytes).Gives(206, Operation.Bytes).Gives(416).Or(404),
        new Operation("DELETE", "/v1/files/{id}", "Deletes a file.").For(KeyScope.Submit).Gives<OpenAiDeletedFile>().Or(404),
        new Operation("POST", "/v1/batches", "Runs a file of calls.").For(KeyScope.Submit).Repeatable().Takes<CreateBatchRequest>().Gives<OpenAiBatch>().Or(400, 413, 422),
        Paged(new Operation("GET", "/v1/batches", "A key's batches, newest first.").Gives<OpenAiPage<OpenAiBatch>>()),
        new Operation("GET", "/v1/batches/{id}", "Where a batch stands.").For(KeyScope.Submit).Gives<OpenAiBatch>().Or(404),
        new Operation("POST", "/v1/batches/{id}/cancel", "Ends a batch.").For(KeyScope.Submit).Gives<OpenAiBatch>().Or(404, 409),
        new Operation("GET", "/v1/models", "The model versions that are ready.").Gives<OpenAiModels>(),
        new Operation("GET", "/v1/models/{id}", "A model version, NAME@VERSION; the newest one of NAME.").Gives<OpenAiModel>().Or(404),
    ];

    private static Operation Paged(Operation operation) => operation.For(KeyScope.Submit)
        .Asks("limit", "The most items of a page.").Asks("after", "The last item of the page before.").Asks("order", "desc, newest first, or asc.").Or(400);
}
