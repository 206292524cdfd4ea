using System.Net.Http.Json;
using PiGrid.Client;
using PiGrid.Verification;

namespace PiGrid.Tests.Silo;

/// <summary>Trust as the grid's users meet it: jobs that check as much as they must, liars that are found and named.</summary>
public sealed class TrustFlowTests : IAsyncLifetime
{
    private const int Inputs = 12;

    private readonly List<TestWorker> _workers = [];
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync("--Jobs:ShardInputsMax=1", "--Jobs:Checkpoint=00:00:02");
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
    public async Task Adaptive_WhenOneLies_DeliversTheTruthAndNamesTheLiar()
    {
        await StartVolunteersAsync(3);
        var liar = await StartAsync(_silo.Bootstrap.EnrolmentToken!, TestWorker.Lie);

        var job = await RunAsync(VerificationPolicy.Adaptive);

        Assert.Equal((JobState.Completed, 0), (job.State, job.InputsFailed));
        Assert.InRange(job.ExpectedWrong!.Value, 0, 1e-4);
        await AssertTruthAsync(job);
        var status = await StatusAsync(liar);
        Assert.Equal((NodeState.Suspended, ReputationTier.Suspended), (status.State, status.Reputation!.Tier));
        Assert.Equal(1, status.Reputation.Wrong, 3);
        Assert.Contains("shard", status.Reason, StringComparison.Ordinal);
        foreach (var honest in _workers.Skip(1).SkipLast(1))
        {
            Assert.Equal((NodeState.Online, 0.0), ((await StatusAsync(honest)).State, (await StatusAsync(honest)).Reputation!.Wrong));
        }

        Assert.Null((await StatusAsync(_workers[0])).Reputation);
    }

    [Fact]
    public async Task Adaptive_WhenTwoOfThreeCollude_DeliversTheTruth()
    {
        await StartVolunteersAsync(1);
        var liars = new[] { await StartAsync(_silo.Bootstrap.EnrolmentToken!, TestWorker.Lie), await StartAsync(_silo.Bootstrap.EnrolmentToken!, TestWorker.Lie) };

        var job = await RunAsync(VerificationPolicy.Adaptive);

        Assert.Equal(JobState.Completed, job.State);
        await AssertTruthAsync(job);
        foreach (var liar in liars)
        {
            Assert.Equal(NodeState.Suspended, (await StatusAsync(liar)).State);
        }
    }

    [Fact]
    public async Task Quorum_WhenOneLies_NamesTheLiarByTheOperatorsWord()
    {
        await StartVolunteersAsync(2);
        var liar = await StartAsync(_silo.Bootstrap.EnrolmentToken!, TestWorker.Lie);
        var suspended = _silo.Http.GetFromJsonAsync<NodeStatus>($"/api/nodes/{liar.Node}", GridJson.Wire);

        var job = await RunAsync(VerificationPolicy.Quorum(2));
        await AssertTruthAsync(job);

        // The operator's word may come after volunteers have settled it, so after the job's end.
        for (var left = 200; left > 0 && (await suspended)!.State != NodeState.Suspended; left--)
        {
            await Task.Delay(50);
            suspended = _silo.Http.GetFromJsonAsync<NodeStatus>($"/api/nodes/{liar.Node}", GridJson.Wire);
        }

        Assert.Equal(NodeState.Suspended, (await suspended)!.State);
    }

    [Fact]
    public async Task Adaptive_WhenNoOperatorIsThere_SaysWhatItWaitsFor()
    {
        await StartVolunteersAsync(2);
        await _workers[0].DisposeAsync();
        _workers.RemoveAt(0);

        var id = NewId.Job();
        using var submitted = await DigestModel.SubmitAsync(_silo, id, VerificationPolicy.Adaptive, [1]);
        submitted.EnsureSuccessStatusCode();
        JobStatus? job = null;
        for (var left = 200; left > 0 && job?.QueueReason is null; left--)
        {
            await Task.Delay(50);
            job = await _silo.Http.GetFromJsonAsync<JobStatus>($"/api/jobs/{id}", GridJson.Wire);
        }

        Assert.Equal((JobState.Running, 1), (job!.State, job.ShardsAccepted));
        Assert.Contains("1 more node of another owner is needed", job.QueueReason, StringComparison.Ordinal);

        await StartAsync(_silo.Bootstrap.OperatorNodeToken);
        job = await _silo.Http.GetFromJsonAsync<JobStatus>($"/api/jobs/{id}?wait_ms=30000", GridJson.Wire);
        Assert.Equal(JobState.Completed, job!.State);
    }

    [Fact]
    public async Task Adaptive_WhenTheSiloIsStartedAgain_GoesOnAndForgetsNobody()
    {
        await StartVolunteersAsync(2);
        var liar = await StartAsync(_silo.Bootstrap.EnrolmentToken!, TestWorker.Lie);
        await RunAsync(VerificationPolicy.Adaptive);
        var before = await StatusAsync(liar);
        Assert.Equal(NodeState.Suspended, before.State);
        var node = liar.Node;

        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        _workers.Clear();
        await _silo.StopAsync();
        await _silo.StartAgainAsync();

        var after = (await _silo.Http.GetFromJsonAsync<NodeStatus>($"/api/nodes/{node}", GridJson.Wire))!;
        Assert.Equal((NodeState.Suspended, before.Reason), (after.State, after.Reason));
    }

    [Fact]
    public async Task Receipt_OfADeliveredJob_SaysWhatItIsWorth()
    {
        await StartVolunteersAsync(2);
        var job = await RunAsync(VerificationPolicy.Adaptive);

        var receipt = await _silo.Http.GetFromJsonAsync<Receipt>($"/api/jobs/{job.Id}/shards/0/receipt", GridJson.Wire);

        Assert.InRange(receipt!.Body.Credibility!.Value, 0.99, 1);
        Assert.Empty(ReceiptCheck.Verify(receipt, receipt.Body.GridKey));
        var raised = receipt with { Body = receipt.Body with { Credibility = receipt.Body.Credibility / 2 } };
        Assert.Contains(ReceiptCheck.Verify(raised, receipt.Body.GridKey), e => e.Contains("signature", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("none", 1, 0)]
    [InlineData("quorum(3)", 3, 0)]
    [InlineData("adaptive", 2, 1)]
    public async Task Estimate_BeforeSubmission_SaysWhatItWouldCost(string policy, int replicas, int audits)
    {
        await StartVolunteersAsync(1);

        using var answer = await _silo.Http.PostAsJsonAsync(
            "/api/jobs/estimate", new JobQuestion { Model = DigestModel.Manifest.Ref, Inputs = 100, Policy = VerificationPolicy.Parse(policy), ShardSize = 1 }, GridJson.Wire);
        var estimate = await answer.Content.ReadFromJsonAsync<JobEstimate>(GridJson.Wire);

        Assert.Equal((100, true), (estimate!.Shards, estimate.HasOperator));
        Assert.Equal(replicas, estimate.ReplicasPerShard, 1);
        Assert.Equal(audits, estimate.AuditsPerShard, 1);
    }

    [Fact]
    public async Task Critical_WhenResultsAreComparedExactly_IsRefusedWithTheReason()
    {
        using var refused = await DigestModel.SubmitAsync(_silo, NewId.Job(), VerificationPolicy.Critical(2), [1]);

        Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("compared exactly", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<TestWorker> StartAsync(string token, Func<ShardInput, ItemOutput>? compute = null)
    {
        var worker = await TestWorker.StartAsync(_silo, token, compute);
        _workers.Add(worker);
        return worker;
    }

    private async Task StartVolunteersAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await StartAsync(_silo.Bootstrap.EnrolmentToken!);
        }
    }

    private async Task<JobStatus> RunAsync(VerificationPolicy policy)
    {
        var id = NewId.Job();
        using var submitted = await DigestModel.SubmitAsync(_silo, id, policy, [.. Enumerable.Range(0, Inputs).Select(i => new[] { (byte)i })]);
        submitted.EnsureSuccessStatusCode();
        return (await _silo.Http.GetFromJsonAsync<JobStatus>($"/api/jobs/{id}?wait_ms=60000", GridJson.Wire))!;
    }

    private async Task AssertTruthAsync(JobStatus job)
    {
        var results = new List<JobResult>();
        await foreach (var result in _silo.Grains.GetGrain<IJobGrain>(job.Id.Value).ReadResults(0, default))
        {
            results.Add(result);
        }

        Assert.Equal(Inputs, results.Count);
        Assert.All(results, result => Assert.Equal(Sha256.Of([(byte)result.Index]).ToArray(), result.Output.Tensors![0].Data));
    }

    private async Task<NodeStatus> StatusAsync(TestWorker worker) => (await _silo.Http.GetFromJsonAsync<NodeStatus>($"/api/nodes/{worker.Node}", GridJson.Wire))!;
}
