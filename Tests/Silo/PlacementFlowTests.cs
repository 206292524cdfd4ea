using System.Net;
using System.Net.Http.Json;
using PiGrid.Api;
using PiGrid.Verification;

namespace PiGrid.Tests.Silo;

/// <summary>Calls and jobs on terms, over the whole grid but the agent: who computed what is read from the receipts.</summary>
public sealed class PlacementFlowTests : IAsyncLifetime
{
    private static readonly PlacementTerms Private = new() { PrivacyClass = PrivacyClass.Private };
    private static readonly PlacementTerms Trusted = new() { PrivacyClass = PrivacyClass.Trusted };

    private readonly List<TestWorker> _workers = [];
    private TestSilo _silo = null!;

    private NodeId Operator => _workers[0].Node;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(
            "--Online:KnowledgeAge=00:00:00", "--Trust:ProbationChecks=1", "--Scheduling:ExplainAfter=00:00:00", "--Scheduling:ExplainPeriod=00:00:00.050");
        _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.OperatorNodeToken));
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

    [Theory]
    [InlineData("none")]
    [InlineData("adaptive")]
    public async Task Call_ThatIsPrivate_IsTheOperatorsNodesAlone(string policy)
    {
        await AddAsync();

        for (byte i = 0; i < 3; i++)
        {
            var answer = await CallAsync(i, VerificationPolicy.Parse(policy), Private);
            Assert.Null(answer.Failure);
            Assert.Equal((1, 1.0), (answer.Replicas, answer.Credibility));
            Assert.Equal([Operator], await NodesOfAsync(answer.Receipt!.Value));
        }

        Assert.All(_workers.Skip(1), volunteer => Assert.Empty(volunteer.Verdicts));
        var refused = (await CallAsync(9, VerificationPolicy.Quorum(2), Private)).Failure!;
        Assert.Equal(InferenceFailureCode.Invalid, refused.Code);
        Assert.StartsWith("policy: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_WithAPriceLimit_PassesOverNodesThatAskMore()
    {
        await AddAsync(price: 1_000_000);
        var dear = await CallAsync(1, VerificationPolicy.None, new() { PriceLimit = new(999_999) });
        var cheap = await AddAsync(price: 999_999);

        var answer = await CallAsync(2, VerificationPolicy.None, new() { PriceLimit = new(999_999) });

        Assert.Equal(InferenceFailureCode.NoNode, dear.Failure!.Code);
        Assert.Contains("at most 0.999999 credits", dear.Failure.Message, StringComparison.Ordinal);
        Assert.Equal([cheap], await NodesOfAsync(answer.Receipt!.Value));
    }

    [Fact]
    public async Task Job_WithARegion_IsRunThere_AndSaysUntilThenWhyItWaits()
    {
        await AddAsync(region: "us");
        var id = await SubmitAsync(VerificationPolicy.Quorum(2), new() { Regions = ["eu", "uk"] });
        await WaitsAsync(id, "no suitable node is in the region eu or uk");
        var nodes = new[] { await AddAsync(region: "eu"), await AddAsync(region: "uk") };

        var status = await EndOfAsync(id);

        Assert.Equal(JobState.Completed, status.State);
        Assert.Equal(new PlacementTerms { Regions = ["eu", "uk"] }, status.Placement);
        Assert.Equal(nodes.ToHashSet(), (await NodesOfAsync(new ReceiptId(new ShardId(id, 0)))).ToHashSet());
    }

    [Fact]
    public async Task Job_ForTrustedNodes_RunsOnceANodeHasPassedItsChecks()
    {
        var node = await AddAsync();
        var id = await SubmitAsync(VerificationPolicy.None, Trusted);
        await WaitsAsync(id, "no trusted node is connected");

        // An operator node repeats what a node gave of which nothing is known, and so checks it.
        Assert.Equal(2, (await CallAsync(1, VerificationPolicy.Adaptive, null)).Replicas);

        Assert.Equal(JobState.Completed, (await EndOfAsync(id)).State);
        Assert.Contains(node, await NodesOfAsync(new ReceiptId(new ShardId(id, 0))));
    }

    [Fact]
    public async Task Job_ThatIsPrivate_IsEstimatedAndRunByTheOperatorsNodes()
    {
        await AddAsync();
        using var asked = await _silo.Http.PostAsJsonAsync(
            "/api/jobs/estimate", new JobQuestion { Model = DigestModel.Manifest.Ref, Inputs = 32, Placement = Private }, GridJson.Wire);
        var estimate = await asked.Content.ReadFromJsonAsync<JobEstimate>(GridJson.Wire);
        Assert.Equal((0, 1, 0.0), (estimate!.ReplicasPerShard, estimate.AuditsPerShard, estimate.ExpectedWrong));

        var status = await EndOfAsync(await SubmitAsync(VerificationPolicy.Adaptive, Private));

        Assert.Equal((JobState.Completed, VerificationPolicy.None), (status.State, status.Policy));
        Assert.Equal([Operator], await NodesOfAsync(new ReceiptId(new ShardId(status.Id, 0))));
    }

    [Theory]
    [InlineData("""{"model":"digest@1","inputs":[{"name":"a","data":"AQ=="}],"placement":{"privacy_class":"secret"}}""", HttpStatusCode.BadRequest, "privacy_class")]
    [InlineData("""{"model":"digest@1","inputs":[{"name":"a","data":"AQ=="}],"placement":{"price_limit":"1"}}""", HttpStatusCode.BadRequest, "price_limit")]
    [InlineData("""{"model":"digest@1","inputs":[{"name":"a","data":"AQ=="}],"placement":{"price_limit":-1}}""", HttpStatusCode.UnprocessableEntity, "placement.price_limit")]
    [InlineData("""{"model":"digest@1","inputs":[{"name":"a","data":"AQ=="}],"placement":{"regions":[""]}}""", HttpStatusCode.UnprocessableEntity, "placement.regions")]
    [InlineData("""{"model":"digest@1","inputs":[{"name":"a","data":"AQ=="}],"policy":"critical(2)","placement":{"privacy_class":"private"}}""", HttpStatusCode.UnprocessableEntity, "policy")]
    public async Task Job_OnTermsThatCannotBe_IsRefusedByField(string spec, HttpStatusCode status, string field)
    {
        using var content = new StringContent($$"""{"spec":{{spec}}}""", System.Text.Encoding.UTF8, "application/json");
        using var refused = await _silo.Http.PostAsync(new Uri("/api/jobs", UriKind.Relative), content);

        Assert.Equal(status, refused.StatusCode);
        var error = (await refused.Content.ReadFromJsonAsync<ApiError>(GridJson.Wire))!;
        Assert.EndsWith(field, Assert.Single(error.Error.Fields).Field, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Job_SentAgainOnOtherTerms_IsAnother()
    {
        var id = await SubmitAsync(VerificationPolicy.None, Private);

        using var other = await SubmitAsync(id, VerificationPolicy.None, Trusted);
        using var same = await SubmitAsync(id, VerificationPolicy.None, Private with { });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.True(same.IsSuccessStatusCode, "The same job was refused.");
    }

    private async Task<NodeId> AddAsync(string region = "unknown", long price = 0)
    {
        _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.EnrolmentToken!, profile: TestNode.Profile with { Region = region, PricePerHour = new(price) }));
        return _workers[^1].Node;
    }

    private Task<InferenceAnswer> CallAsync(byte input, VerificationPolicy policy, PlacementTerms? placement) =>
        _silo.Grains.GetGrain<IInferenceGrain>(NewId.Call().Value).Infer(
            new() { Model = DigestModel.Manifest.Ref, Input = [input], Policy = policy, Timeout = TimeSpan.FromSeconds(20), Placement = placement }, default);

    private async Task<NodeId[]> NodesOfAsync(ReceiptId receipt) =>
        [.. (await _silo.Http.GetFromJsonAsync<Receipt>($"/api/receipts/{receipt}", GridJson.Wire))!.Body.Replicas.Select(r => r.Node)];

    private async Task<JobId> SubmitAsync(VerificationPolicy policy, PlacementTerms placement)
    {
        var id = NewId.Job();
        using var accepted = await SubmitAsync(id, policy, placement);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        return id;
    }

    private Task<HttpResponseMessage> SubmitAsync(JobId id, VerificationPolicy policy, PlacementTerms placement) => _silo.Http.PostAsJsonAsync(
        "/api/jobs",
        new SubmitJobRequest(id, new JobSpec { Model = DigestModel.Manifest.Ref, Policy = policy, Placement = placement, Inputs = [new() { Name = "a", Data = [7] }] }),
        GridJson.Wire);

    private async Task WaitsAsync(JobId id, string reason)
    {
        await foreach (var happened in _silo.Grains.GetGrain<IJobGrain>(id.Value).Watch(0, default))
        {
            if (happened.Kind == JobEventKind.JobQueued && happened.Detail!.StartsWith(reason, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"It did not wait because {reason}.");
    }

    private async Task<JobStatus> EndOfAsync(JobId id) => (await _silo.Http.GetFromJsonAsync<JobStatus>($"/api/jobs/{id}?wait_ms=30000", GridJson.Wire))!;
}
