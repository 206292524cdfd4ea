using System.Text.Json;
using PiGrid.NodeAgent.Workers;
using PiGrid.NodeAgent.Workers.Wire;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.NodeAgent.Work;

/// <summary>What one input gave.</summary>
/// <param name="Output">The item.</param>
/// <param name="ModelMs">Time inside the model in milliseconds.</param>
/// <param name="Commitment">The digest of what the node binds itself to; null where it does not.</param>
internal sealed record InputRun(ItemOutput Output, double ModelMs, Sha256? Commitment);

/// <summary>What a worker is asked to do with each input of an order: run it, run it and commit to it, open segments of its run, or audit what another node opened.</summary>
internal sealed class InputWork
{
    private readonly bool _commits;
    private readonly byte[] _plan;
    private readonly byte[][] _claims;

    private InputWork(WorkOrder order, bool commits, byte[] plan, byte[][] claims) => (Order, _commits, _plan, _claims) = (order, commits, plan, claims);

    /// <summary>The order.</summary>
    public WorkOrder Order { get; }

    /// <summary>Whether the worker has to keep the model's files.</summary>
    public bool KeepFiles => _commits || Order.Work.Kind is WorkKind.Open or WorkKind.Audit;

    /// <summary>Gets what an order needs beside its inputs.</summary>
    /// <param name="order">The order.</param>
    /// <param name="commits">Whether the node commits itself to its runs.</param>
    /// <param name="blobs">The order's blobs.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="LeaseFailedException">The order does not say what to do with each input.</exception>
    /// <exception cref="Cache.BlobUnavailableException">A blob cannot be had.</exception>
    public static async Task<InputWork> PrepareAsync(WorkOrder order, bool commits, LeaseBlobs blobs, CancellationToken cancellationToken)
    {
        var opens = order.Work.Kind is WorkKind.Open or WorkKind.Audit;
        var claims = order.Work.Kind == WorkKind.Audit ? order.Claims ?? [] : [];
        if (opens && (order.Work.Segments?.Plan is null || order.Challenges?.Count != order.Inputs.Count || claims.Count != (order.Work.Kind == WorkKind.Audit ? order.Inputs.Count : 0)))
        {
            throw new LeaseFailedException("the order names no plan, or not a challenge and a claim for each input");
        }

        var plan = (opens || commits) && order.Work.Segments?.Plan is { } named ? await ReadAsync(named, blobs, cancellationToken) : [];
        var read = new byte[claims.Count][];
        for (var i = 0; i < read.Length; i++)
        {
            read[i] = await ReadAsync(claims[i], blobs, cancellationToken);
        }

        return new(order, commits && plan.Length > 0, plan, read);
    }

    /// <summary>Asks for one input.</summary>
    /// <exception cref="WorkerDiedException">The worker died of it.</exception>
    public async Task<InputRun> AskAsync(WorkerProcess worker, int index, byte[] input, TimeSpan timeMax, CancellationToken cancellationToken)
    {
        var memory = ModelLoader.MemoryOf(Order.Work, KeepFiles);
        switch (Order.Work.Kind)
        {
            case WorkKind.Open:
                var challenge = CanonicalJson.Serialize(Order.Challenges![index]);
                return Read(await SendAsync(new OpenRequest(_plan.Length, input.Length, challenge.Length), _plan, input, challenge));
            case WorkKind.Audit:
                return await AuditAsync(index);
            case WorkKind.Run or WorkKind.Validate when _commits:
                return Read(await SendAsync(new CommitRequest(_plan.Length, input.Length), _plan, input));
            case WorkKind.Run or WorkKind.Validate:
            default:
                return Read(await worker.RunAsync(input, timeMax, memory, cancellationToken));
        }

        Task<WorkerReply> SendAsync(WorkerRequest request, params byte[][] parts) => worker.AskAsync<WorkerReply>(request, parts, timeMax, memory, cancellationToken);

        async Task<InputRun> AuditAsync(int at)
        {
            if (Parse<SegmentClaim>(_claims[at]) is not { } claim)
            {
                return Failed("the claim cannot be read");
            }

            var output = CanonicalJson.Serialize(claim.Output);
            var commitment = CanonicalJson.Serialize(claim.Opening.Commitment);
            var asked = CanonicalJson.Serialize(Order.Challenges![at]);
            var evidence = JsonSerializer.SerializeToUtf8Bytes(new SegmentOpening { Tensors = claim.Opening.Tensors }, GridJson.Wire);
            var request = new AuditRequest
            {
                PlanSize = _plan.Length, Size = input.Length, OutputSize = output.Length, CommitmentSize = commitment.Length, ChallengeSize = asked.Length, EvidenceSize = evidence.Length,
            };
            return Read(await SendAsync(request, _plan, input, output, commitment, asked, evidence));
        }
    }

    private static InputRun Read(WorkerReply reply) => reply switch
    {
        RanReply ran => new(ran.Output, ran.ModelMs, null),
        CommittedReply committed => new(committed.Output, committed.ModelMs, Sha256.Of(committed.Commitment)),
        OpenedReply opened when Parse<SegmentCommitment>(opened.Commitment) is { } commitment && Parse<SegmentOpening>(opened.Evidence) is { } opening =>
            new(new() { Opening = new() { Commitment = commitment, Tensors = opening.Tensors } }, 0, null),
        AuditedReply audited => new(new() { Finding = audited.Finding }, 0, null),
        RefusedReply refused => Failed(string.Join("; ", refused.Errors.Select(e => e.Message))),
        _ => Failed($"the worker answered {reply.GetType().Name}"),
    };

    private static InputRun Failed(string why) => new(new() { Error = new(ItemErrorCode.ModelFailed, why) }, 0, Sha256.Of([]));

    private static T? Parse<T>(byte[] bytes)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, GridJson.Wire);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<byte[]> ReadAsync(BlobRef blob, LeaseBlobs blobs, CancellationToken cancellationToken)
    {
        using var use = await blobs.UseAsync(blob, cancellationToken);
        return [.. use.Bytes];
    }
}
