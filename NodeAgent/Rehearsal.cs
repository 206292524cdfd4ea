using System.Net;
using System.Security.Cryptography;
using PiGrid.NodeAgent.Cache;
using PiGrid.NodeAgent.Faults;
using PiGrid.NodeAgent.Identity;
using PiGrid.NodeAgent.Session;
using PiGrid.NodeAgent.Work;
using PiGrid.NodeAgent.Workers;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.NodeAgent;

/// <summary>
/// Plays a lease through everything that a real one passes, before the first real one: messages, checks, download, cache, a worker, signatures. Then
/// code is compiled and the serializer knows its types when somebody waits; cold, that takes many times longer than the work.
/// </summary>
internal sealed class Rehearsal(NodeKey key, GridAddress address, AgentStanding standing, WorkerPool workers, string folder, TimeProvider time, ILogger logger)
{
    /// <summary>Plays it once in so many workers at once.</summary>
    /// <exception cref="LeaseFailedException">The tiny model does not run here.</exception>
    /// <exception cref="BlobUnavailableException">The disk does not work.</exception>
    public async Task PlayAsync(int times, CancellationToken cancellationToken)
    {
        var root = Directory.CreateDirectory(Path.Combine(folder, "rehearsal"));
        try
        {
            var (cache, results) = (root.CreateSubdirectory("cache").FullName, root.CreateSubdirectory("results").FullName);
            using var http = new HttpClient(new TinyGrid());
            var transport = new BlobTransport(http, address, new BandwidthCap(time), time);
            var store = new ResultStore(results, time, logger);
            var run = new LeaseRun(
                new ShardRunner(workers, new(() => workers.Options.Slots, workers.Options.BatchBytesMax), new(time), logger),
                new BlobCache(cache, transport, time, logger),
                store,
                key,
                standing,
                new FaultInjector(Fault.None, time),
                new Outbox(),
                time,
                logger);
            await Task.WhenAll(Enumerable.Range(0, times).Select(_ => PlayAsync(run, store, cancellationToken)));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private async Task PlayAsync(LeaseRun run, ResultStore store, CancellationToken cancellationToken)
    {
        using var grid = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var gridKey = new VerifyingKey(grid.ExportSubjectPublicKeyInfo());
        var sent = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes<NodeMessage>(new AssignMessage(Assign(grid)), GridJson.Wire);
        if (NodeMessages.Read(sent, out _) is not AssignMessage { Assignment: var assignment }
            || LeaseCheck.Refuse(assignment, gridKey, key.Node, time.GetUtcNow()) is not null)
        {
            throw new LeaseFailedException("this build of the agent does not understand itself");
        }

        // Preferences may forbid real work now, but not this.
        _ = AdmissionRules.Decline(assignment.Order, standing.ReadinessFor(assignment, []));
        var lease = assignment.Lease.Lease.Id;
        Outbox.Encode(new AcceptMessage(lease));
        Outbox.Encode(new HeartbeatMessage(standing.Heartbeat([new(lease, 0)], [TinyWork.Key])));
        using var held = new HeldLease(assignment, time);
        held.Checked(isGenuine: true);
        var result = await run.RunAsync(assignment, held, cancellationToken);
        var output = ShardOutput.TryParse(store.Output(result) ?? [], out var problem);
        if (output is not { Items: [{ Error: null }] })
        {
            throw new LeaseFailedException($"the tiny model gave no valid output: {output?.Items[0].Error?.Message ?? problem}");
        }

        Outbox.Encode(new ResultMessage(new()
        {
            Lease = result.Lease,
            Statement = result.Statement,
            Signature = result.Signature,
            Output = TinyWork.Picture,
            OutputSize = result.OutputSize,
        }));
        NodeMessages.Read(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes<NodeMessage>(new CancelMessage(lease, ""), GridJson.Wire), out _);
    }

    private Assignment Assign(ECDsa grid)
    {
        static BlobRef Ref(byte[] bytes) => new(Sha256.Of(bytes), bytes.Length);
        var order = new WorkOrder
        {
            Work = new()
            {
                Kind = WorkKind.Run,
                Model = TinyWork.Manifest.Ref,
                Manifest = Ref(TinyWork.ManifestBytes),
                ModelFile = Ref(TinyWork.Model),
                Category = TinyWork.Manifest.Category,
                Limits = TinyWork.Manifest.Limits,
            },
            Inputs = [new() { Index = 0, Blob = Ref(TinyWork.Picture) }],
        };
        var lease = new Lease
        {
            Id = NewId.Lease(),
            Request = Guid.Empty,
            Shard = new(NewId.Job(), 0),
            Node = key.Node,
            Work = CanonicalJson.Digest(order),
            IssuedAt = time.GetUtcNow(),
            Deadline = time.GetUtcNow() + TimeSpan.FromMinutes(5),
        };
        var signature = Signatures.Sign(grid, CanonicalJson.Serialize(lease));

        // The manifest comes along, the rest is fetched: both ways are played.
        return new() { Lease = new(lease, signature), Order = order, Grant = "none", Inline = [TinyWork.ManifestBytes] };
    }

    /// <summary>Answers requests for the tiny model's blobs without any network.</summary>
    private sealed class TinyGrid : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var wanted = request.RequestUri!.AbsolutePath;
            var blob = new[] { TinyWork.Model, TinyWork.Picture }.First(b => wanted.EndsWith(Sha256.Of(b).Value, StringComparison.Ordinal));
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(blob) });
        }
    }
}
