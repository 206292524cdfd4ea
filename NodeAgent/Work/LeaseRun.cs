using PiGrid.NodeAgent.Cache;
using PiGrid.NodeAgent.Faults;
using PiGrid.NodeAgent.Identity;
using PiGrid.NodeAgent.Probing;
using PiGrid.NodeAgent.Session;
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

    /// <summary>Runs it.</summary>
    /// <returns>The result, which is on disk.</returns>
    /// <exception cref="LeaseFailedException">The node cannot do the work.</exception>
    /// <exception cref="BlobUnavailableException">A blob cannot be had.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> ended it.</exception>
    public async Task<StoredResult> RunAsync(Assignment assignment, DateTimeOffset receivedAt, CancellationToken cancellationToken)
    {
        var lease = assignment.Lease.Lease;
        var started = time.GetTimestamp();
        var deadline = LeaseCheck.LocalDeadline(lease, receivedAt);
        var blobs = new LeaseBlobs(cache, assignment);
        using var late = new CancellationTokenSource(deadline - receivedAt, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            await faults.BeforeRunAsync(assignment.Order, either.Token);
            var ran = await runner.RunAsync(assignment, blobs, standing.Provider, Progress(lease.Id), either.Token);
            var items = await faults.AfterRunAsync(assignment.Order, ran.Items, blobs, either.Token);
            return Keep(assignment, ran with { Items = items }, time.GetElapsedTime(started).TotalMilliseconds, deadline + Retention);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new LeaseFailedException("the lease's deadline passed before the work was done");
        }
        finally
        {
            blobs.ForgetInputs();
        }
    }

    private StoredResult Keep(Assignment assignment, ShardRun ran, double totalMs, DateTimeOffset keepUntil)
    {
        var work = assignment.Order.Work;
        var output = new ShardOutput { Items = ran.Items }.ToCanonicalBytes();
        var statement = new ResultStatement
        {
            Type = ResultStatement.TypeV1,
            Lease = assignment.Lease.Lease.Id,
            Manifest = work.Manifest.Sha256,
            ModelFile = work.ModelFile?.Sha256,
            Inputs = assignment.Order.Inputs.Select(i => i.Blob.Sha256).ToArray(),
            Output = Sha256.Of(output),
            Provider = ran.Provider,
            Library = ran.Library,
            HardwareClass = Machine.HardwareClass(ran.Provider, ran.Library),
            TotalMs = Math.Round(totalMs, 3),
            ModelMs = Math.Round(ran.ModelMs, 3),
        };
        var result = new StoredResult
        {
            Lease = assignment.Lease,
            Statement = statement,
            Signature = key.Sign(CanonicalJson.Serialize(statement)),
            Grant = assignment.Grant,
            OutputSize = output.Length,
            KeepUntil = keepUntil,
        };
        results.Put(result, output);
        Finished(statement.Lease.Value, statement.TotalMs, statement.ModelMs);
        return result;
    }

    private Action<int> Progress(LeaseId lease)
    {
        var toldAt = time.GetTimestamp();
        return done =>
        {
            if (time.GetElapsedTime(toldAt) >= ProgressPause)
            {
                toldAt = time.GetTimestamp();
                outbox.TrySend(new ProgressMessage(lease, done));
            }
        };
    }

    [LoggerMessage(85, LogLevel.Information, "Finished lease {Lease} in {TotalMs} ms, {ModelMs} ms of it in the model")]
    private partial void Finished(string lease, double totalMs, double modelMs);
}
