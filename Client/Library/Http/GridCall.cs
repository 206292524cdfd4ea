using System.Net.Http.Headers;
using System.Text.Json;

namespace PiGrid.Client.Http;

/// <summary>One call to the grid, which can be made into a request as often as it is tried.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path and query, relative to the grid's address.</param>
internal sealed record GridCall(HttpMethod Method, string Path)
{
    /// <summary>Whether sending it twice is harmless.</summary>
    public bool Safe { get; init; }

    /// <summary>Names the call on all its tries, so that the grid runs it once; null when the call itself names what it makes.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Whether an upload has to be answered in time, too, as that of a call that somebody waits for.</summary>
    public bool IsTimed { get; init; }

    /// <summary>How long the grid was asked to wait with the answer.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>A JSON body, already serialized.</summary>
    public byte[]? Json { get; init; }

    /// <summary>Makes the body of an upload anew for each try.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>What the answer's media type is to be.</summary>
    public string Accept { get; init; } = "application/json";

    /// <summary>A key for one call.</summary>
    public static string NewKey() => Guid.NewGuid().ToString("n");

    /// <summary>A read, which is always safe.</summary>
    public static GridCall Get(string path) => new(HttpMethod.Get, path) { Safe = true };

    /// <summary>A read that the grid may hold back until something changes.</summary>
    public static GridCall GetWaiting(string path, TimeSpan wait) =>
        new(HttpMethod.Get, WithWait(path, wait)) { Safe = true, Wait = wait };

    /// <summary>A call with a JSON body.</summary>
    public static GridCall Post<T>(string path, T body, bool safe) =>
        new(HttpMethod.Post, path) { Safe = safe, Json = JsonSerializer.SerializeToUtf8Bytes(body, GridJson.Wire) };

    /// <summary>The path with the wait in milliseconds added to its query.</summary>
    public static string WithWait(string path, TimeSpan wait) => wait <= TimeSpan.Zero
        ? path
        : string.Create(null, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}wait_ms={(long)wait.TotalMilliseconds}");

    /// <summary>The request.</summary>
    public HttpRequestMessage ToRequest()
    {
        var request = new HttpRequestMessage(Method, Path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(Accept));
        if (IdempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", IdempotencyKey);
        }

        if (Content is not null)
        {
            request.Content = Content();
        }
        else if (Json is not null)
        {
            request.Content = new ByteArrayContent(Json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        return request;
    }

    /// <summary>Method and path, without the query.</summary>
    public override string ToString() => $"{Method} /{Path.Split('?')[0]}";
}
