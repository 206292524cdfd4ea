using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using PiGrid.Client.Http;

namespace PiGrid.Client;

/// <content>Streams: what happens to a job, and its outputs.</content>
public sealed partial class GridClient
{
    /// <summary>
    /// What happens to a job, from what the grid remembers until it ends. A lost connection is taken up again after the last event, within the
    /// limits of <see cref="GridClientOptions.RetriesMax"/>.
    /// </summary>
    /// <exception cref="GridApiException">There is no such job.</exception>
    public async IAsyncEnumerable<JobEvent> WatchAsync(JobId job, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        long after = 0;
        for (var failed = 0; ; failed++)
        {
            var call = GridCall.Get(string.Create(null, $"api/jobs/{job}/events?after={after}")) with { Accept = "text/event-stream" };
            using var response = await _transport.OpenAsync(call, cancellationToken).ConfigureAwait(false);
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using var items = SseParser
                .Create(body, static (_, data) => JsonSerializer.Deserialize<JobEvent>(data, GridJson.Wire))
                .EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await NextAsync(items).ConfigureAwait(false) is { } happened)
            {
                if (happened.Sequence > after)
                {
                    (after, failed) = (happened.Sequence, 0);
                    yield return happened;
                    if (happened.Kind == JobEventKind.JobFinished)
                    {
                        yield break;
                    }
                }
            }

            // A grain that was activated anew counts from 1 again and no longer knows the old events; the job's state is what is durable.
            if (await FindJobAsync(job, cancellationToken).ConfigureAwait(false) is { IsTerminal: true })
            {
                yield break;
            }

            after = failed > 0 ? 0 : after;
            var pause = RetryPolicy.PauseBefore(_options, failed + 1, safe: true, asked: null)
                ?? throw new GridUnreachableException(Grid, $"the events of {job} broke off again and again", inner: null);
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A job's outputs in input order, ending at the first shard that is still open; so an ended job gives them all.</summary>
    /// <param name="job">The job.</param>
    /// <param name="from">The first input, from 0.</param>
    /// <param name="cancellationToken">Stops the stream.</param>
    /// <exception cref="GridApiException">There is no such job.</exception>
    public async IAsyncEnumerable<JobResult> ReadResultsAsync(
        JobId job,
        int from = 0,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var call = GridCall.Get(string.Create(null, $"api/jobs/{job}/results?from={from}")) with { Accept = "application/x-ndjson" };
        using var response = await _transport.OpenAsync(call, cancellationToken).ConfigureAwait(false);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var lines = new StreamReader(body);
        while (await lines.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (line.Length > 0)
            {
                yield return JsonSerializer.Deserialize<JobResult>(line, GridJson.Wire)!;
            }
        }
    }

    // A connection that breaks ends the enumeration like an end of the stream does: the caller takes both up again.
    private static async Task<T?> NextAsync<T>(IAsyncEnumerator<SseItem<T?>> items)
        where T : class
    {
        try
        {
            while (await items.MoveNextAsync().ConfigureAwait(false))
            {
                if (items.Current.Data is { } happened)
                {
                    return happened;
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null;
        }

        return null;
    }
}
