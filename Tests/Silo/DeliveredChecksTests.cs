using System.Net.Http.Json;
using PiGrid.Verification;

namespace PiGrid.Tests.Silo;

/// <summary>Delivered results when it turns out that who gave them lies.</summary>
public sealed class DeliveredChecksTests
{
    private const int Inputs = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("1.00:00:00", Inputs)]
    [InlineData("00:00:00", 0)]
    public async Task Found_AfterADelivery_HasItsResultsReplacedWhereThatIsWanted(string recheck, int corrected)
    {
        await using var silo = await TestSilo.StartAsync("--Jobs:ShardInputsMax=1", $"--Trust:RecheckDelivered={recheck}", "--Trust:RecheckPeriod=00:00:00.200");
        await using var @operator = await TestWorker.StartAsync(silo, silo.Bootstrap.OperatorNodeToken);
        await DigestModel.PublishAsync(silo);
        await using var liar = await TestWorker.StartAsync(silo, silo.Bootstrap.EnrolmentToken!, TestWorker.Lie);
        var believed = await RunAsync(silo, VerificationPolicy.None);
        Assert.All(await ResultsAsync(silo, believed), result => Assert.Equal(TestWorker.Lie(null!).Tensors![0].Data, result.Output.Tensors![0].Data));

        await using var honest = await TestWorker.StartAsync(silo, silo.Bootstrap.EnrolmentToken!);
        await using var other = await TestWorker.StartAsync(silo, silo.Bootstrap.EnrolmentToken!);
        var exposing = await RunAsync(silo, VerificationPolicy.Adaptive);
        await AssertTruthAsync(silo, exposing);

        // A job's end is an event, what follows from somebody else's is not.
        using var limit = new CancellationTokenSource(Patience);
        while ((await StatusAsync(silo, believed)).ShardsCorrected < corrected)
        {
            await Task.Delay(50, limit.Token);
        }

        var after = await StatusAsync(silo, believed);
        Assert.Equal((JobState.Completed, corrected, 0), (after.State, after.ShardsCorrected, (await StatusAsync(silo, exposing)).ShardsCorrected));
        if (corrected > 0)
        {
            await AssertTruthAsync(silo, believed);
            var receipt = await silo.Http.GetFromJsonAsync<Receipt>($"/api/jobs/{believed}/shards/0/receipt", GridJson.Wire);
            Assert.DoesNotContain(receipt!.Body.Replicas, r => r.Agreed && r.Node == liar.Node);
        }
    }

    private static async Task<JobId> RunAsync(TestSilo silo, VerificationPolicy policy)
    {
        var id = NewId.Job();
        using var submitted = await DigestModel.SubmitAsync(silo, id, policy, [.. Enumerable.Range(0, Inputs).Select(i => new[] { (byte)i })]);
        submitted.EnsureSuccessStatusCode();
        var ended = await silo.Http.GetFromJsonAsync<JobStatus>($"/api/jobs/{id}?wait_ms=60000", GridJson.Wire);
        Assert.Equal(JobState.Completed, ended!.State);
        return id;
    }

    private static async Task<JobStatus> StatusAsync(TestSilo silo, JobId job) => (await silo.Http.GetFromJsonAsync<JobStatus>($"/api/jobs/{job}", GridJson.Wire))!;

    private static async Task<List<JobResult>> ResultsAsync(TestSilo silo, JobId job)
    {
        var results = new List<JobResult>();
        await foreach (var result in silo.Grains.GetGrain<IJobGrain>(job.Value).ReadResults(0, default))
        {
            results.Add(result);
        }

        Assert.Equal(Inputs, results.Count);
        return results;
    }

    private static async Task AssertTruthAsync(TestSilo silo, JobId job) =>
        Assert.All(await ResultsAsync(silo, job), result => Assert.Equal(Sha256.Of([(byte)result.Index]).ToArray(), result.Output.Tensors![0].Data));
}
