using System.Net.Http.Json;
using PiGrid.Protocol;
using PiGrid.Tests.Silo;
using PiGrid.Verification;

namespace PiGrid.Tests.Online;

/// <summary>Online calls over the whole grid but the agent: grains, gateway, sockets, signatures.</summary>
public sealed class InferenceFlowTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<TestWorker> _workers = [];
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync("--Online:KnowledgeAge=00:00:00");
        await StartAsync(_silo.Bootstrap.OperatorNodeToken);
        await DigestModel.PublishAsync(_silo);
    }

    public async Task DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Infer_ByOneReplica_AnswersWithAReceiptThatVerifies()
    {
        var node = await StartAsync(_silo.Bootstrap.EnrolmentToken!);

        var answer = await CallAsync([1, 2, 3], VerificationPolicy.None);

        AssertTruth([1, 2, 3], answer);
        Assert.Equal((1, 1.0, 1.0), (answer.Replicas, answer.NodeMs, answer.ModelMs));
        var receipt = await _silo.Http.GetFromJsonAsync<Receipt>($"/api/receipts/{answer.Receipt}", GridJson.Wire);
        Assert.Equal(answer.Receipt, receipt!.Body.Id);
        Assert.Equal([node.Node], receipt.Body.Replicas.Select(r => r.Node));
        Assert.Equal([Sha256.Of([1, 2, 3])], receipt.Body.Inputs);
        Assert.True(Signatures.Verify(receipt.Body.GridKey, CanonicalJson.Serialize(receipt.Body), receipt.Signature));
    }

    [Fact]
    public async Task Infer_WhenTheInputIsLarge_GoesThroughTheBlobStore()
    {
        await StartAsync(_silo.Bootstrap.EnrolmentToken!);
        var input = new byte[700 << 10];

        AssertTruth(input, await CallAsync(input, VerificationPolicy.None));
    }

    [Fact]
    public async Task Infer_ByQuorum_WaitsForDistinctOwners()
    {
        await StartAsync(_silo.Bootstrap.EnrolmentToken!);
        await StartAsync(_silo.Bootstrap.EnrolmentToken!);

        var answer = await CallAsync([1], VerificationPolicy.Quorum(2));

        AssertTruth([1], answer);
        Assert.Equal(2, answer.Replicas);
    }

    [Fact]
    public async Task Infer_WhenTheQuorumIsNotReached_SaysThatAResultCame()
    {
        await StartAsync(_silo.Bootstrap.EnrolmentToken!);

        var answer = await InferAsync(Call([1], VerificationPolicy.Quorum(3)) with { Timeout = TimeSpan.FromSeconds(1.5) });

        Assert.Equal(InferenceFailureCode.TimedOut, answer.Failure!.Code);
        Assert.Contains("nobody confirmed it within 1.5 s", answer.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_OfANodeThatNobodyKnows_IsRepeatedByTheOperator()
    {
        await StartAsync(_silo.Bootstrap.EnrolmentToken!);

        var answer = await CallAsync([1], VerificationPolicy.Adaptive);

        AssertTruth([1], answer);
        Assert.Equal((2, 1.0), (answer.Replicas, answer.Credibility));
    }

    [Fact]
    public async Task Infer_WhenNodesLie_AnswersTheTruthAndSuspendsThem()
    {
        await StartAsync(_silo.Bootstrap.EnrolmentToken!);
        var liar = await StartAsync(_silo.Bootstrap.EnrolmentToken!, _ => TestWorker.Honest(new ShardInput { Index = 0, Blob = new BlobRef(Sha256.Of([99]), 1) }));

        for (byte i = 0; i < 4; i++)
        {
            AssertTruth([i], await CallAsync([i], VerificationPolicy.Adaptive));
        }

        var status = await _silo.Http.GetFromJsonAsync<NodeStatus>($"/api/nodes/{liar.Node}", GridJson.Wire);
        Assert.Equal(NodeState.Suspended, status!.State);
    }

    [Fact]
    public async Task Infer_WhenNobodyCanRepeatIt_AnswersAndSaysWhatItIsWorth()
    {
        await StopOperatorAsync();
        await StartAsync(_silo.Bootstrap.EnrolmentToken!);

        var answer = await CallAsync([1], VerificationPolicy.Adaptive);

        AssertTruth([1], answer);
        Assert.Equal((1, 0.0), (answer.Replicas, answer.Credibility));
    }

    [Fact]
    public async Task Infer_WithTheSameKey_IsRunOnce()
    {
        await StartAsync(_silo.Bootstrap.EnrolmentToken!);
        var grain = _silo.Grains.GetGrain<IInferenceGrain>(NewId.Call().Value);

        var answers = await Task.WhenAll(grain.Infer(Call([1], VerificationPolicy.None), default), grain.Infer(Call([1], VerificationPolicy.None), default));
        var other = await grain.Infer(Call([2], VerificationPolicy.None), default);

        Assert.Equal(answers[0].Receipt, answers[1].Receipt);
        Assert.Equal(1, answers[1].Replicas);
        Assert.Equal(InferenceFailureCode.Conflict, other.Failure!.Code);
    }

    [Fact]
    public async Task Infer_WhenItIsOver_KeepsTheAnswerButNotTheInput()
    {
        await StartAsync(_silo.Bootstrap.EnrolmentToken!);
        var grain = _silo.Grains.GetGrain<IInferenceGrain>(NewId.Call().Value);

        var input = await InferAndLetGoAsync(grain);

        for (var since = TimeProvider.System.GetTimestamp(); input.IsAlive && TimeProvider.System.GetElapsedTime(since) < Patience; GC.Collect())
        {
            // Other calls take the places where the last one's messages still lie.
            AssertTruth([2], await CallAsync([2], VerificationPolicy.None));
        }

        Assert.False(input.IsAlive);
        Assert.NotNull(await grain.GetReceipt());
    }

    [Fact]
    public async Task Infer_WhenNothingFits_SaysSo()
    {
        Assert.Equal(InferenceFailureCode.NoNode, (await CallAsync([1], VerificationPolicy.None)).Failure!.Code);
        await StartAsync(_silo.Bootstrap.EnrolmentToken!);

        Assert.Equal(InferenceFailureCode.UnknownModel, (await InferAsync(Call([1], default) with { Model = new("digest", "2") })).Failure!.Code);
        Assert.Equal(InferenceFailureCode.Invalid, (await InferAsync(Call([1], default) with { Timeout = TimeSpan.FromHours(1) })).Failure!.Code);
        Assert.Equal(InferenceFailureCode.Invalid, (await InferAsync(Call([1], VerificationPolicy.Critical(2)))).Failure!.Code);
        var elsewhere = await InferAsync(Call([1], default) with { Placement = new() { Regions = ["mars"] }, Timeout = TimeSpan.FromSeconds(3) });
        Assert.Equal(InferenceFailureCode.NoNode, elsewhere.Failure!.Code);
    }

    [Fact]
    public async Task Infer_WhenANodeHangs_FailsInTimeAndTellsTheLateNode()
    {
        var late = new TaskCompletionSource();
        var node = await StartAsync(_silo.Bootstrap.EnrolmentToken!, input =>
        {
            late.Task.Wait(Patience);
            return TestWorker.Honest(input);
        });

        var answer = await InferAsync(Call([1], default) with { Timeout = TimeSpan.FromMilliseconds(300) });
        Assert.Equal(InferenceFailureCode.TimedOut, answer.Failure!.Code);
        late.SetResult();

        Assert.Equal(Verdict.TooLate, await node.FirstVerdict.WaitAsync(Patience));
        AssertTruth([2], await CallAsync([2], VerificationPolicy.None));
    }

    [Fact]
    public async Task Infer_WhenTheCallerGoesAway_TakesTheLeaseBack()
    {
        using var away = new CancellationTokenSource();
        var given = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource();
        await StartAsync(_silo.Bootstrap.EnrolmentToken!, input =>
        {
            given.TrySetResult();
            go.Task.Wait(Patience);
            return TestWorker.Honest(input);
        });
        var call = _silo.Grains.GetGrain<IInferenceGrain>(NewId.Call().Value).Infer(Call([1], default), away.Token);
        await given.Task.WaitAsync(Patience);

        await away.CancelAsync();
        try
        {
            Assert.Equal(InferenceFailureCode.Cancelled, (await call).Failure!.Code);
        }
        catch (OperationCanceledException)
        {
            // Which of the two comes first is the engine's affair.
        }

        go.SetResult();
        AssertTruth([2], await CallAsync([2], VerificationPolicy.None));
    }

    private static async Task<WeakReference> InferAndLetGoAsync(IInferenceGrain grain)
    {
        var input = new byte[400 << 10];
        AssertTruth(input, await grain.Infer(Call(input, VerificationPolicy.None), default));
        return new WeakReference(input);
    }

    private static InferenceCall Call(byte[] input, VerificationPolicy policy) =>
        new() { Model = DigestModel.Manifest.Ref, Input = input, Policy = policy, Timeout = Patience };

    private static void AssertTruth(byte[] input, InferenceAnswer answer)
    {
        Assert.Null(answer.Failure);
        Assert.Equal(Sha256.Of(input).ToArray(), answer.Output!.Tensors![0].Data);
    }

    private Task<InferenceAnswer> CallAsync(byte[] input, VerificationPolicy policy) => InferAsync(Call(input, policy));

    private Task<InferenceAnswer> InferAsync(InferenceCall call) => _silo.Grains.GetGrain<IInferenceGrain>(NewId.Call().Value).Infer(call, default);

    private async Task<TestWorker> StartAsync(string token, Func<ShardInput, ItemOutput>? compute = null)
    {
        _workers.Add(await TestWorker.StartAsync(_silo, token, compute));
        return _workers[^1];
    }

    private async Task StopOperatorAsync()
    {
        await _workers[0].DisposeAsync();
        _workers.RemoveAt(0);
    }
}
