using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PiGrid.Api;
using PiGrid.Protocol;

namespace PiGrid.Tests.NodeAgent;

/// <summary>
/// The grid's side of the node protocol on a real socket, for one node: signs leases, serves blobs, hears messages. It has no rules of its own, so that a
/// test can make it behave well or badly.
/// </summary>
internal sealed class ProtocolGrid : IAsyncDisposable
{
    public const string Token = "the-token";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<Sha256, byte[]> _blobs = new();
    private readonly Channel<GridSocket> _sessions = Channel.CreateUnbounded<GridSocket>();

    private ProtocolGrid(WebApplication app) => _app = app;

    /// <summary>The grid's key; a test may exchange it.</summary>
    public ECDsa Key { get; set; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public byte[] PublicKey => Key.ExportSubjectPublicKeyInfo();

    public string Url { get; private set; } = "";

    /// <summary>Whether enrolled nodes are operator nodes.</summary>
    public bool Operator { get; set; }

    public NodeId Node { get; private set; }

    /// <summary>How blobs are served: given the blob, the digest and the offset asked for, gives the bytes to send. A test may corrupt them.</summary>
    public Func<byte[], int, byte[]> Serve { get; set; } = (bytes, from) => bytes[from..];

    /// <summary>Every request for a blob: digest, offset, authorization.</summary>
    public ConcurrentQueue<(Sha256 Digest, int From, string Authorization)> BlobRequests { get; } = new();

    public ConcurrentDictionary<Sha256, byte[]> Uploads { get; } = new();

    public static async Task<ProtocolGrid> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var grid = new ProtocolGrid(app);
        app.UseWebSockets();
        app.MapPost("/node/enrol", (Delegate)grid.EnrolAsync);
        app.Map("/node/session", grid.SessionAsync);
        app.MapGet("/node/blobs/{digest}", grid.GetBlobAsync);
        app.MapPut("/node/blobs/{digest}", grid.PutBlobAsync);
        await app.StartAsync();
        grid.Url = app.Urls.First();
        return grid;
    }

    public BlobRef AddBlob(byte[] bytes)
    {
        var digest = Sha256.Of(bytes);
        _blobs[digest] = bytes;
        return new(digest, bytes.Length);
    }

    /// <summary>The next connection, before its handshake.</summary>
    public async Task<GridSocket> NextSocketAsync() => await _sessions.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);

    /// <summary>The next connection, welcomed.</summary>
    public async Task<GridSocket> NextSessionAsync(int heartbeatMs = 10_000, int inlineMax = 256 << 10, IReadOnlyList<LeaseId>? stop = null, int? resendMs = null)
    {
        var socket = await NextSocketAsync();
        await socket.ShakeHandsAsync(this, heartbeatMs, inlineMax, stop ?? [], resendMs);
        return socket;
    }

    /// <summary>An assignment that this grid signs.</summary>
    public Assignment Assign(WorkOrder order, TimeSpan? duration = null, NodeId? node = null, ECDsa? signer = null, DateTimeOffset? issuedAt = null, params byte[][] inline) =>
        AssignShard(order, new(NewId.Job(), 0), duration, node, signer, issuedAt, inline);

    /// <summary>The same for an online call.</summary>
    public Assignment AssignCall(WorkOrder order, NodeId? node = null, ECDsa? signer = null, params byte[][] inline) =>
        AssignShard(order, NewId.Call(), null, node, signer, null, inline);

    private Assignment AssignShard(WorkOrder order, ShardId shard, TimeSpan? duration, NodeId? node, ECDsa? signer, DateTimeOffset? issuedAt, byte[][] inline)
    {
        var issued = issuedAt ?? DateTimeOffset.UtcNow;
        var lease = new Lease
        {
            Id = NewId.Lease(),
            Request = Guid.NewGuid(),
            Shard = shard,
            Node = node ?? Node,
            Work = CanonicalJson.Digest(order),
            IssuedAt = issued,
            Deadline = issued + (duration ?? TimeSpan.FromMinutes(5)),
        };
        return new() { Lease = Sign(lease, signer), Order = order, Grant = $"grant-of-{lease.Id}", Inline = inline };
    }

    /// <summary>A lease with this grid's signature.</summary>
    public SignedLease Sign(Lease lease, ECDsa? signer = null) => new(lease, Signatures.Sign(signer ?? Key, CanonicalJson.Serialize(lease)));

    public async ValueTask DisposeAsync()
    {
        _sessions.Writer.TryComplete();
        await foreach (var socket in _sessions.Reader.ReadAllAsync())
        {
            socket.Abort();
        }

        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(late.Token);
        await _app.DisposeAsync();
    }

    private async Task<IResult> EnrolAsync(HttpContext context)
    {
        var request = await JsonSerializer.DeserializeAsync<EnrolRequest>(context.Request.Body, GridJson.Wire);
        if (request!.Token != Token || !Signatures.Verify(request.PublicKey, NodeProtocol.EnrolBytes(request.Token), request.Signature))
        {
            var error = new ApiError(new() { Code = "unauthorized", Message = "The enrolment token is unknown." });
            return Results.Json(error, GridJson.Wire, statusCode: 401);
        }

        Node = Signatures.NodeIdOf(request.PublicKey);
        return Results.Json(
            new EnrolResponse { Node = Node, Owner = OwnerId.FromBytes(new byte[16]), GridKey = PublicKey, Operator = Operator }, GridJson.Wire);
    }

    private async Task SessionAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var session = new GridSocket(socket);
        if (_sessions.Writer.TryWrite(session))
        {
            await session.ReadAsync();
        }
    }

    private async Task GetBlobAsync(HttpContext context, string digest)
    {
        var id = Sha256.Parse(digest);
        var from = (int)(context.Request.GetTypedHeaders().Range?.Ranges.First().From ?? 0);
        BlobRequests.Enqueue((id, from, context.Request.Headers.Authorization.ToString()));
        if (!_blobs.TryGetValue(id, out var bytes))
        {
            context.Response.StatusCode = 404;
            return;
        }

        var sent = Serve(bytes, from);
        context.Response.ContentLength = bytes.Length - from;
        if (from > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{bytes.Length - 1}/{bytes.Length}";
        }

        await context.Response.Body.WriteAsync(sent);
        if (sent.Length < bytes.Length - from)
        {
            await context.Response.Body.FlushAsync();
            context.Abort();
        }
    }

    private async Task PutBlobAsync(HttpContext context, string digest)
    {
        using var copy = new MemoryStream();
        await context.Request.Body.CopyToAsync(copy);
        Uploads[Sha256.Parse(digest)] = copy.ToArray();
    }
}

/// <summary>How long a test waits for what must come; it only bounds failures.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
}
