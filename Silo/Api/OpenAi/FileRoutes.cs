using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Batches;
using PiGrid.Grains.Batches;
using PiGrid.Grains.Storage;

namespace PiGrid.Silo.Api.OpenAi;

/// <summary><c>/v1/files</c>: what batches read and write.</summary>
internal sealed class FileRoutes(IGrainFactory grains, IBlobStore blobs, OpenAiLists lists, IOptions<BatchOptions> options, TimeProvider time)
{
    // How much of a form that is too large is read on, so that its sender gets the answer.
    private const long ReadOnBytes = 16 << 20;

    private const int PageMax = 10_000;

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapPost("/v1/files", gate.For(CreateAsync, KeyScope.Submit));
        routes.MapGet("/v1/files", gate.For(ListAsync, KeyScope.Submit));
        routes.MapGet("/v1/files/{id}", gate.For(GetAsync, KeyScope.Submit));
        routes.MapGet("/v1/files/{id}/content", gate.For(ContentAsync, KeyScope.Submit));
        routes.MapDelete("/v1/files/{id}", gate.For(DeleteAsync, KeyScope.Submit));
    }

    /// <summary>A file that a caller may see; null when there is none.</summary>
    public static async Task<StoredFile?> FindAsync(IGrainFactory grains, CredentialInfo caller, string? text) =>
        FileId.TryParse(text, null, out var id) && await grains.GetGrain<IFileGrain>(id.Value).Get() is { } file && OpenAiLists.MaySee(caller, file.Requester)
            ? file
            : null;

    private async Task CreateAsync(HttpContext context, CredentialInfo caller)
    {
        var bytesMax = options.Value.FileBytesMax;
        JsonBody.LimitTo(context, checked(bytesMax + ReadOnBytes));
        var key = IdempotencyKey.Bytes(context, caller, "file");
        try
        {
            if (context.Request.ContentLength > bytesMax + ReadOnBytes)
            {
                throw new UploadException(413, "file", $"file: has over {bytesMax} bytes (option Batches:FileBytesMax of the silo); split it.", "too_large");
            }

            if ((await lists.OwnAsync(RegistryLists.Files, caller)).Count >= options.Value.FilesPerKeyMax)
            {
                // No 429: to wait does not help, and clients would send the file again.
                throw new UploadException(400, "file", $"This key has {options.Value.FilesPerKeyMax} files (option Batches:FilesPerKeyMax of the silo): delete some.", "too_many_files");
            }

            var upload = await UploadReader.ReadAsync(context, blobs, bytesMax);
            var file = FileOf(upload, key is null ? NewId.File() : FileId.FromBytes(key), caller);
            var stored = await grains.GetGrain<IFileGrain>(file.Id.Value).Create(file);
            if (stored.Blob != file.Blob || stored.Name != file.Name)
            {
                throw new UploadException(422, null, $"The {IdempotencyKey.Header} was used for another file: use a new one.", "idempotency_conflict");
            }

            await OpenAiAnswers.JsonAsync(context, 200, View(stored));
        }
        catch (UploadException e)
        {
            await OpenAiAnswers.ErrorAsync(context, e.Status, e.Code, e.Message, e.Param);
        }
    }

    private StoredFile FileOf(Upload upload, FileId id, CredentialInfo caller)
    {
        var now = time.GetUtcNow();
        if (upload.Fields.GetValueOrDefault("purpose") is not "batch")
        {
            throw new UploadException(400, "purpose", "purpose: must be 'batch': files here are what batches read.");
        }

        return new StoredFile
        {
            Id = id,
            Name = upload.Name,
            Purpose = FilePurpose.Batch,
            Blob = upload.Blob,
            CreatedAt = now,
            ExpiresAt = now + (ExpiryOf(upload.Fields) ?? (options.Value.FileRetention > TimeSpan.Zero ? options.Value.FileRetention : null)),
            Requester = caller.Id.Value,
        };
    }

    private static TimeSpan? ExpiryOf(IReadOnlyDictionary<string, string> fields)
    {
        var (anchor, text) = (fields.GetValueOrDefault("expires_after[anchor]"), fields.GetValueOrDefault("expires_after[seconds]"));
        return anchor is null && text is null ? null
            : anchor != ExpiresAfter.CreatedAt ? throw new UploadException(400, "expires_after", $"expires_after: its anchor must be '{ExpiresAfter.CreatedAt}'.")
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && new ExpiresAfter(anchor, seconds).Wrong is null ? TimeSpan.FromSeconds(seconds)
            : throw new UploadException(400, "expires_after", $"expires_after: {new ExpiresAfter(anchor, 0).Wrong}");
    }

    private Task ListAsync(HttpContext context, CredentialInfo caller)
    {
        var purpose = context.Request.Query["purpose"].ToString();
        return lists.AnswerAsync(
            context,
            caller,
            RegistryLists.Files,
            (PageMax, PageMax),
            async id => await grains.GetGrain<IFileGrain>(id).Get() is { } file && (purpose.Length == 0 || PurposeOf(file) == purpose) ? file : null,
            file => file.Id.Value,
            View);
    }

    private async Task GetAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RequireAsync(context, caller) is { } file)
        {
            await OpenAiAnswers.JsonAsync(context, 200, View(file));
        }
    }

    private async Task ContentAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RequireAsync(context, caller) is not { } file)
        {
            return;
        }

        if (await blobs.OpenAsync(file.Blob.Sha256, context.RequestAborted) is { } stream)
        {
            await Results.Stream(stream, "application/octet-stream", enableRangeProcessing: true).ExecuteAsync(context);
        }
        else
        {
            await OpenAiAnswers.ErrorAsync(context, 404, "not_found", $"The bytes of {file.Id} are lost or damaged: upload it again.");
        }
    }

    private async Task DeleteAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RequireAsync(context, caller) is { } file)
        {
            await grains.GetGrain<IFileGrain>(file.Id.Value).Delete();
            await OpenAiAnswers.JsonAsync(context, 200, new OpenAiDeletedFile(file.Id.Value));
        }
    }

    private async Task<StoredFile?> RequireAsync(HttpContext context, CredentialInfo caller)
    {
        var id = context.Request.RouteValues["id"] as string;
        var file = await FindAsync(grains, caller, id);
        if (file is null)
        {
            await OpenAiAnswers.ErrorAsync(context, 404, "not_found", $"There is no file '{id}'.", "id");
        }

        return file;
    }

    private static string PurposeOf(StoredFile file) => file.Purpose switch
    {
        FilePurpose.Batch => "batch",
        FilePurpose.BatchOutput => "batch_output",
    };

    private static OpenAiFile View(StoredFile file) => new()
    {
        Id = file.Id.Value,
        Bytes = file.Blob.Size,
        CreatedAt = OpenAiAnswers.Seconds(file.CreatedAt),
        ExpiresAt = OpenAiAnswers.Seconds(file.ExpiresAt),
        Filename = file.Name,
        Purpose = PurposeOf(file),
    };
}
