using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using PiGrid.Api;

namespace PiGrid.Client.Http;

/// <summary>Sends calls to one grid with one key: retries, timeouts, and refusals as exceptions. Thread-safe.</summary>
internal sealed class GridTransport : IDisposable
{
    // A call that was answered is over, even if it failed: its key gives the same failure again.
    private const string CallEnded = "PiGrid-Replicas";

    private readonly HttpClient _http;
    private readonly GridClientOptions _options;
    private readonly TimeProvider _time;

    public GridTransport(HttpClient http, Uri grid, string? key, GridClientOptions options, TimeProvider time)
    {
        Grid = grid;
        _options = options;
        _time = time;
        _http = http;
        _http.BaseAddress = new Uri(grid.AbsoluteUri.TrimEnd('/') + "/");
        _http.Timeout = Timeout.InfiniteTimeSpan;
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <summary>The grid's address.</summary>
    public Uri Grid { get; }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Sends a call and reads its JSON answer.</summary>
    public async Task<T> SendAsync<T>(GridCall call, CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(call, cancellationToken).ConfigureAwait(false);
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(GridJson.Wire, cancellationToken).ConfigureAwait(false)
                ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new GridApiException(response.StatusCode, "unreadable", $"{call} was answered with what is no {typeof(T).Name}: {e.Message}", []);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new GridUnreachableException(Grid, $"the answer to {call} broke off ({e.Message})", e);
        }
    }

    /// <summary>Sends a call and reads its JSON answer; null when the grid says that there is no such thing.</summary>
    public async Task<T?> FindAsync<T>(GridCall call, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await SendAsync<T>(call, cancellationToken).ConfigureAwait(false);
        }
        catch (GridApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Sends a call; the answer's content is read by the caller, who disposes it.</summary>
    /// <exception cref="GridApiException">The grid refused.</exception>
    /// <exception cref="GridUnreachableException">No answer, after all retries.</exception>
    public async Task<HttpResponseMessage> OpenAsync(GridCall call, CancellationToken cancellationToken)
    {
        for (var failed = 1; ; failed++)
        {
            HttpResponseMessage? response = null;
            string what;
            Exception? cause = null;
            try
            {
                response = await TryAsync(call, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    return response;
                }

                if (!RetryPolicy.IsPassing(response.StatusCode) || response.Headers.Contains(CallEnded))
                {
                    throw await RefusalAsync(call, response, cancellationToken).ConfigureAwait(false);
                }

                what = $"it answered {(int)response.StatusCode} to {call}: {(await ReadErrorAsync(response, cancellationToken).ConfigureAwait(false)).Message}";
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException or SocketException)
            {
                // The platform's client lets a socket's own exception through when a connection ends while it is being opened.
                (what, cause) = (e.GetBaseException().Message, e);
            }

            var asked = response?.Headers.RetryAfter?.Delta;
            response?.Dispose();
            var pause = RetryPolicy.PauseBefore(_options, failed, call.Safe, asked) ?? throw new GridUnreachableException(Grid, what, cause);
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<HttpResponseMessage> TryAsync(GridCall call, CancellationToken cancellationToken)
    {
        using var request = call.ToRequest();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var seconds = _options.CallTimeout + call.Wait;
        // An upload takes as long as it takes; its connection failing is what ends it.
        using var timer = call.Content is null || call.IsTimed
            ? _time.CreateTimer(static s => ((CancellationTokenSource)s!).Cancel(), limit, seconds, Timeout.InfiniteTimeSpan)
            : null;
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{call} was not answered within {seconds.TotalSeconds:0.#} s", e);
        }
    }

    private static async Task<GridApiException> RefusalAsync(GridCall call, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using (response)
        {
            var error = await ReadErrorAsync(response, cancellationToken).ConfigureAwait(false);
            var message = error.Message.Length > 0 ? error.Message : $"{call} was answered with {(int)response.StatusCode} {response.ReasonPhrase}.";
            return new GridApiException(response.StatusCode, error.Code, message, error.Fields);
        }
    }

    private static async Task<ApiErrorDetail> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using var json = await response.Content.ReadFromJsonAsync<JsonDocument>(cancellationToken).ConfigureAwait(false);

            // The Open Inference Protocol has its errors as plain text.
            return json is { RootElement: { ValueKind: JsonValueKind.Object } body } && body.TryGetProperty("error", out var error)
                ? error.ValueKind == JsonValueKind.String
                    ? Unnamed(response) with { Message = error.GetString()! }
                    : error.Deserialize<ApiErrorDetail>(GridJson.Wire) ?? Unnamed(response)
                : Unnamed(response);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or HttpRequestException or IOException)
        {
            // Not the grid's own words: a proxy, perhaps. The status still says what it was.
            return Unnamed(response);
        }
    }

    private static ApiErrorDetail Unnamed(HttpResponseMessage response) => new()
    {
        Code = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => "unauthorized",
            HttpStatusCode.Forbidden => "forbidden",
            HttpStatusCode.NotFound => "not_found",
            _ => $"http_{(int)response.StatusCode}",
        },
        Message = response.StatusCode == HttpStatusCode.Unauthorized ? "The grid does not know this API key: give one by --key-file, PIGRID_KEY or --bootstrap." : "",
    };
}
