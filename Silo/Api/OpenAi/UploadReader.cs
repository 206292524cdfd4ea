using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using PiGrid.Grains.Storage;

namespace PiGrid.Silo.Api.OpenAi;

/// <summary>What an upload's form said.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Blob">Its bytes, stored.</param>
/// <param name="Fields">The other fields.</param>
internal sealed record Upload(string Name, BlobRef Blob, IReadOnlyDictionary<string, string> Fields);

/// <summary>Why an upload is refused.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="param">The field that is wrong.</param>
/// <param name="message">What was wrong and what to do.</param>
/// <param name="code">A stable word for programs.</param>
internal sealed class UploadException(int status, string? param, string message, string code = "invalid_value") : Exception(message)
{
    /// <summary>A stable word for programs.</summary>
    public string Code { get; } = code;

    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The field that is wrong.</summary>
    public string? Param { get; } = param;
}

/// <summary>
/// Reads the form of an upload as it comes: the file goes straight to the blob store, so a form in which the file stands before its purpose needs no more memory than any
/// other. A file whose form turns out to be wrong is a blob that nothing names.
/// </summary>
internal static class UploadReader
{
    private const int PartsMax = 16, FieldBytesMax = 1_000, NameMax = 200, BoundaryMax = 200;

    /// <summary>Reads a form.</summary>
    /// <param name="context">The request.</param>
    /// <param name="blobs">Where the file goes.</param>
    /// <param name="bytesMax">The most bytes of the file.</param>
    /// <exception cref="UploadException">It is no form with one file.</exception>
    public static async Task<Upload> ReadAsync(HttpContext context, IBlobStore blobs, long bytesMax)
    {
        var reader = new MultipartReader(Boundary(context.Request.ContentType), context.Request.Body) { HeadersCountLimit = 16, HeadersLengthLimit = 8 << 10 };
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        (string Name, BlobRef Blob)? file = null;
        try
        {
            for (var parts = 0; await reader.ReadNextSectionAsync(context.RequestAborted) is { } part; parts++)
            {
                if (parts == PartsMax)
                {
                    throw new UploadException(400, null, $"A form has at most {PartsMax} parts here.");
                }

                if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition) || HeaderUtilities.RemoveQuotes(disposition.Name).Value is not { Length: > 0 } name)
                {
                    throw new UploadException(400, null, "A part of the form has no name.");
                }

                if (name != "file")
                {
                    fields[name] = await FieldAsync(part.Body, name, context.RequestAborted);
                }
                else if (file is not null)
                {
                    throw new UploadException(400, "file", "file: is there twice; upload one file at a time.");
                }
                else
                {
                    file = (NameOf(disposition), await blobs.PutAsync(part.Body, expected: null, bytesMax, context.RequestAborted));
                }
            }
        }
        catch (BlobRejectedException)
        {
            throw new UploadException(413, "file", $"file: has over {bytesMax} bytes (option Batches:FileBytesMax of the silo); split it.", "too_large");
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException && !context.RequestAborted.IsCancellationRequested)
        {
            throw new UploadException(400, null, $"The body is no whole form: {e.Message}");
        }

        return file is not { } whole ? throw new UploadException(400, "file", "file: is missing; send it as a part of the form named 'file'.")
            : whole.Blob.Size == 0 ? throw new UploadException(400, "file", "file: is empty.")
            : new Upload(whole.Name, whole.Blob, fields);
    }

    private static string Boundary(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= BoundaryMax } boundary
            ? boundary
            : throw new UploadException(400, null, "Upload a file as multipart/form-data with the parts 'file' and 'purpose'.");

    private static string NameOf(ContentDispositionHeaderValue disposition)
    {
        var given = disposition.FileNameStar.Value ?? HeaderUtilities.RemoveQuotes(disposition.FileName).Value ?? "";
        var name = given[(given.LastIndexOfAny(['/', '\\']) + 1)..];
        return name.Length switch
        {
            0 => "file",
            <= NameMax => name,
            _ => throw new UploadException(400, "file", string.Create(CultureInfo.InvariantCulture, $"file: its name has {name.Length} characters; at most {NameMax} are kept.")),
        };
    }

    private static async Task<string> FieldAsync(Stream body, string name, CancellationToken cancellationToken)
    {
        var bytes = new byte[FieldBytesMax + 1];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= FieldBytesMax
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : throw new UploadException(400, name.Length <= NameMax ? name : null, $"A field of the form has at most {FieldBytesMax} bytes.");
    }
}
