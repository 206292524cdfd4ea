using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using PiGrid.Api;
using PiGrid.Client.Http;

namespace PiGrid.Client;

/// <content>The grid at a glance.</content>
public sealed partial class GridClient
{
    /// <summary>The grid at a glance, now.</summary>
    public Task<GridOverview> GetOverviewAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync<GridOverview>(GridCall.Get("api/overview"), cancellationToken);

    /// <summary>
    /// The same again and again, as often as the silo's <c>Dashboard:SamplePeriod</c> says, until it is cancelled. The grid ends the stream now and then; it is taken
    /// up again, and a lost connection too, within the limits of <see cref="GridClientOptions.RetriesMax"/>.
    /// </summary>
    public async IAsyncEnumerable<GridOverview> WatchOverviewAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var failed = 1; ; failed++)
        {
            using var response = await _transport
                .OpenAsync(GridCall.Get("api/overview/events") with { Accept = "text/event-stream" }, cancellationToken).ConfigureAwait(false);
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using var items = SseParser
                .Create(body, static (_, data) => JsonSerializer.Deserialize<GridOverview>(data, GridJson.Wire))
                .EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await NextAsync(items).ConfigureAwait(false) is { } overview)
            {
                failed = 0;
                yield return overview;
            }

            var pause = RetryPolicy.PauseBefore(_options, Math.Max(1, failed), safe: true, asked: null)
                ?? throw new GridUnreachableException(Grid, "its stream broke off again and again", inner: null);
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What went wrong on the grid: open incidents first, then the newest.</summary>
    public IAsyncEnumerable<Incident> ListIncidentsAsync(CancellationToken cancellationToken = default) =>
        ListAsync<Incident>("api/incidents?limit=100", cancellationToken);
}
