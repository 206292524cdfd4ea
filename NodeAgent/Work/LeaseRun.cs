using PiGrid.NodeAgent.Cache;
using PiGrid.NodeAgent.Faults;
using PiGrid.NodeAgent.Identity;
using PiGrid.NodeAgent.Probing;
using PiGrid.NodeAgent.Session;
using PiGrid.NodeAgent.Telemetry;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.NodeAgent.Work;

/// <summary>One lease from its blobs to its signed result on disk.</summary>
internal sealed partial class LeaseRun(
    ShardRunner runner, BlobCache cache, ResultStore results, NodeKey key, AgentStanding standing, FaultInjector faults, IOutbox outbox, TimeProvider time, ILogger logger)
{
    /// <summary>How long a result is kept after its lease's deadline.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The least time between two progress messages of a lease.</summary>
    public TimeSpan ProgressPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether its work can begin while the lease is checked.</summary>
    public bool CanBegin(Assignment assignment) => runner.CanBegin(assignment);

    /// <summary>Runs it.</summary>
    /// <param name="assignment">What to do.</param>
    /// <param name="held">The lease, which bounds the time and hears of progress.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The result, which is on disk.</returns>
    /// <exception cref="LeaseFailedException">The node cannot do the work.</exception>
    /// <exception cref="BlobUnavailableException">A blob cannot be had.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> ended it, or the lease is forged.</exception>
    public async Task<StoredResult> RunAsync(Assignment assignment, HeldLease held, CancellationToken cancellationToken)
    {
        using var span = AgentTrace.Begin(assignment);
        var blobs = new LeaseBlobs(cache, assignment, held);
        held.Fetched = () => blobs.Fetched;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held.Late);
        try
        {
            await faults.BeforeRunAsync(assignment.Order, either.Token);
            var ran = await runner.RunAsync(assignment, blobs, standing.Provider, standing.CommitsTo(assignment.Order.Work), Progress(held), either.Token);
            var items = await faults.AfterRunAsync(assignment.Order, ran.Items, blobs, either.Token);
            await blobs.BeGenuineAsync();
            cancellationToken.ThrowIfCancellationRequested();
            return Keep(assignment, held, ran with { Items = items });
        }
        catch (OperationCanceledException) when (held.Late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new LeaseFailedException("the lease's deadline passed before the work was done");
        }
        finally
        {
            blobs.ForgetInputs();
        }
    }

    private StoredResult Keep(Assignment assignment, HeldLease held, ShardRun ran)
    {
        using var span = AgentTrace.Step(AgentTrace.Sign);
        var work = assignment.Order.Work;
        var output = new ShardOutput { Items = ran.Items }.ToCanonicalBytes();
        var statement = new ResultStatement
        {
            Type = TypeOf(work.Kind, ran),
            Lease = assignment.Lease.Lease.Id,
            Manifest = work.Manifest.Sha256,
            ModelFile = work.ModelFile?.Sha256,
            Inputs = assignment.Order.Inputs.Select(i => i.Blob.Sha256).ToArray(),
            Output = Sha256.Of(output),
            Provider = ran.Provider,
            Library = ran.Library,
            HardwareClass = Machine.HardwareClass(ran.Provider, ran.Library),
            TotalMs = Math.Round(held.Elapsed.TotalMilliseconds, 3),
            ModelMs = Math.Round(ran.ModelMs, 3),
            Commitments = ran.Commitments,
        };
        var result = new StoredResult
        {
            Lease = held.Lease,
            Statement = statement,
            Signature = key.Sign(CanonicalJson.Serialize(statement)),
            Grant = assignment.Grant,
            OutputSize = output.Length,
            KeepUntil = time.GetUtcNow() + held.Left + Retention,
        };
        try
        {
            results.Put(result, output);
        }

        // .NET reports a file that reached the process's limit (EFBIG) as an argument that is out of range.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw new LeaseFailedException($"the result cannot be kept on this node's disk: {e.Message}");
        }

        var level = LeaseDesk.LevelOf(assignment.Lease.Lease);
        Finished(level, statement.Lease.Value, statement.TotalMs, statement.ModelMs);
        return result;
    }

    private static string TypeOf(WorkKind kind, ShardRun ran) => kind switch
    {
        WorkKind.Open => ResultStatement.OpeningV1,
        WorkKind.Audit => ResultStatement.AuditV1,
        WorkKind.Run or WorkKind.Validate => ran.Commitments is null ? ResultStatement.TypeV1 : ResultStatement.TypeV2,
    };

    private Action<int> Progress(HeldLease held)
    {
        var toldAt = time.GetTimestamp();
        return done =>
        {
            held.Done = done;
            if (held.IsGenuine && time.GetElapsedTime(toldAt) >= ProgressPause)
            {
                toldAt = time.GetTimestamp();
                outbox.TrySend(new ProgressMessage(held.Lease.Lease.Id, done));
            }
        };
    }

    [LoggerMessage(EventId = 85, Message = "Finished lease {Lease} in {TotalMs} ms, {ModelMs} ms of it in the model")]
    private partial void Finished(LogLevel level, string lease, double totalMs, double modelMs);
}
