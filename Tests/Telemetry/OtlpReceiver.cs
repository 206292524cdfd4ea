using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PiGrid.Silo.Hosting;

namespace PiGrid.Tests.Telemetry;

/// <summary>A span as it was sent.</summary>
internal sealed record SentSpan(
    string Trace, string Id, string Parent, string Name, ulong Start, ulong End, IReadOnlyDictionary<string, string> Attributes, IReadOnlyList<(string Trace, string Id)> Links);

/// <summary>A log record as it was sent.</summary>
internal sealed record SentLog(string Trace, string Category, string Body);

/// <summary>An OTLP receiver over HTTP in this process, which keeps what it gets.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = new();
    private readonly ConcurrentQueue<string> _keys = new();
    private WebApplication _app = null!;

    public Uri Url { get; private set; } = null!;

    /// <summary>The values of the header <c>x-key</c>.</summary>
    public IEnumerable<string> Keys => _keys;

    /// <summary>All that came, as text.</summary>
    public string Everything => string.Concat(_received.Select(r => Encoding.Latin1.GetString(r.Body)));

    public IEnumerable<SentSpan> Spans =>
        from scope in Scopes("/v1/traces")
        from span in scope.All(2)
        select new SentSpan(
            span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), span.Number(7), span.Number(8), span.Attributes(9), [.. span.All(13).Select(link => (link.Hex(1), link.Hex(2)))]);

    public IEnumerable<(string Name, string Unit)> Metrics => Scopes("/v1/metrics").SelectMany(scope => scope.All(2)).Select(metric => (metric.Text(1), metric.Text(3)));

    public IEnumerable<SentLog> Logs =>
        from scope in Scopes("/v1/logs")
        from record in scope.All(2)
        select new SentLog(record.Hex(9), scope.All(1).Select(s => s.Text(1)).FirstOrDefault(""), record.All(5).Select(body => body.Text(1)).FirstOrDefault(""));

    /// <summary>What the senders say of themselves.</summary>
    public IEnumerable<IReadOnlyDictionary<string, string>> Resources => _received.SelectMany(r => new ProtoFields(r.Body).All(1)).SelectMany(r => r.All(1)).Select(r => r.Attributes(1));

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        receiver._app = builder.Build();
        receiver._app.MapPost("/v1/{signal}", (RequestDelegate)receiver.ReceiveAsync);
        await receiver._app.StartAsync();
        receiver.Url = new Uri(SiloHost.Addresses(receiver._app).Single());
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private IEnumerable<ProtoFields> Scopes(string path) =>
        _received.Where(r => r.Path == path).SelectMany(r => new ProtoFields(r.Body).All(1)).SelectMany(resource => resource.All(2));

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _received.Enqueue((context.Request.Path.Value!, body.ToArray()));
        _keys.Enqueue(context.Request.Headers["x-key"].ToString());
        context.Response.ContentType = "application/x-protobuf";
    }
}
