using System.IO.Compression;
using System.Text.Json;
using PiGrid.Verification;

namespace PiGrid.Silo.Api;

/// <summary>
/// A job that has ended as one zip file, made while it is sent: <c>job.json</c>, <c>results.jsonl</c>, <c>receipts.jsonl</c>, and, where the outputs are detections,
/// <c>coco.json</c> in COCO's object detection format. Nothing of it is held in memory but one result.
/// </summary>
internal static class JobArchive
{
    /// <summary>Sends it.</summary>
    public static async Task SendAsync(HttpContext context, IJobGrain job, JobStatus status)
    {
        context.Response.ContentType = "application/zip";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{status.Id}.zip\"";
        var over = context.RequestAborted;
        await using var body = new DeferredStream(context.Response.Body);
        await using (var zip = await ZipArchive.CreateAsync(body, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, over))
        {
            await FillAsync(zip, job, status, over);
        }

        await body.FlushAsync(over);
    }

    private static async Task FillAsync(ZipArchive zip, IJobGrain job, JobStatus status, CancellationToken over)
    {
        await WriteAsync(zip, "job.json", stream => JsonSerializer.SerializeAsync(stream, status, GridJson.Indented, over), over);
        var hasDetections = false;
        await WriteAsync(
            zip,
            "results.jsonl",
            async stream =>
            {
                await foreach (var result in job.ReadResults(0, over).WithCancellation(over))
                {
                    hasDetections |= result.Output.Detections is not null;
                    await WriteLineAsync(stream, result, over);
                }
            },
            over);
        await WriteAsync(
            zip,
            "receipts.jsonl",
            async stream =>
            {
                for (var shard = 0; shard < status.Shards; shard++)
                {
                    if (await job.GetReceipt(shard) is { } receipt)
                    {
                        await WriteLineAsync(stream, receipt, over);
                    }
                }
            },
            over);
        if (hasDetections)
        {
            await WriteAsync(zip, "coco.json", stream => WriteCocoAsync(job, stream, over), over);
        }
    }

    private static async Task WriteAsync(ZipArchive zip, string name, Func<Stream, Task> write, CancellationToken cancellationToken)
    {
        await using var stream = await zip.CreateEntry(name, CompressionLevel.Fastest).OpenAsync(cancellationToken);
        await write(stream);
    }

    private static async Task WriteLineAsync<T>(Stream stream, T value, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(value, GridJson.Wire), cancellationToken);
        await stream.WriteAsync("\n"u8.ToArray(), cancellationToken);
    }

    // Images and annotations are lists of their own, so the results are read once for each.
    private static async Task WriteCocoAsync(IJobGrain job, Stream stream, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(stream);
        var categories = new SortedDictionary<int, string>();
        var annotations = 0;
        json.WriteStartObject();
        json.WriteStartArray("images"u8);
        await foreach (var result in job.ReadResults(0, cancellationToken).WithCancellation(cancellationToken))
        {
            json.WriteStartObject();
            json.WriteNumber("id"u8, result.Index + 1);
            json.WriteString("file_name"u8, result.Name);
            json.WriteEndObject();
            await json.FlushAsync(cancellationToken);
        }

        json.WriteEndArray();
        json.WriteStartArray("annotations"u8);
        await foreach (var result in job.ReadResults(0, cancellationToken).WithCancellation(cancellationToken))
        {
            foreach (var found in result.Output.Detections ?? [])
            {
                categories[found.Class + 1] = found.Label;
                WriteAnnotation(json, ++annotations, result.Index + 1, found);
            }

            await json.FlushAsync(cancellationToken);
        }

        json.WriteEndArray();
        json.WriteStartArray("categories"u8);
        foreach (var (id, name) in categories)
        {
            json.WriteStartObject();
            json.WriteNumber("id"u8, id);
            json.WriteString("name"u8, name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    // Category ids are the class indexes plus 1, as 0 is kept for the background.
    private static void WriteAnnotation(Utf8JsonWriter json, int id, int image, Detection found)
    {
        var (width, height) = (Math.Round(found.Box.X1 - found.Box.X0, 2), Math.Round(found.Box.Y1 - found.Box.Y0, 2));
        json.WriteStartObject();
        json.WriteNumber("id"u8, id);
        json.WriteNumber("image_id"u8, image);
        json.WriteNumber("category_id"u8, found.Class + 1);
        json.WriteStartArray("bbox"u8);
        json.WriteNumberValue(found.Box.X0);
        json.WriteNumberValue(found.Box.Y0);
        json.WriteNumberValue(width);
        json.WriteNumberValue(height);
        json.WriteEndArray();
        json.WriteNumber("area"u8, Math.Round(width * height, 2));
        json.WriteNumber("score"u8, found.Score);
        json.WriteNumber("iscrowd"u8, 0);
        json.WriteEndObject();
    }
}
