using System.Net;
using System.Net.Http.Json;
using PiGrid.Api;

namespace PiGrid.Tests.Silo;

/// <summary>The jobs by which operator nodes validate models are the grid's own, and nobody else's.</summary>
public sealed class ValidationJobTests
{
    [Fact]
    public async Task Jobs_Listed_AreThoseOfRequesters_AndAnOperatorMaySeeTheGridsOwn()
    {
        await using var silo = await TestSilo.StartAsync();
        await using var validator = await TestWorker.StartAsync(silo, silo.Bootstrap.OperatorNodeToken);
        await DigestModel.PublishAsync(silo);
        var mine = NewId.Job();
        using var submitted = await DigestModel.SubmitAsync(silo, mine, VerificationPolicy.None, [1]);
        Assert.Equal(HttpStatusCode.Accepted, submitted.StatusCode);
        using var developer = silo.ClientWith(await silo.CreateTokenAsync(CredentialKind.Developer));

        Assert.Equal([mine], await ListAsync(developer, ""));
        Assert.Equal([mine], await ListAsync(developer, "?validations=true"));
        Assert.Equal([mine], await ListAsync(silo.Http, ""));
        Assert.Equal(2, (await ListAsync(silo.Http, "?validations=true")).Count);
    }

    [Fact]
    public async Task Admission_AfterARestart_DoesNotCountAnOpenValidation()
    {
        await using var silo = await TestSilo.StartAsync("--Admission:OpenJobsMax=1");
        await using (await TestWorker.StartAsync(silo, silo.Bootstrap.OperatorNodeToken))
        {
            await DigestModel.PublishAsync(silo);
        }

        using var pending = await silo.Http.PostAsJsonAsync("/api/models", DigestModel.Manifest with { Version = "2" }, GridJson.Wire);
        Assert.Equal(HttpStatusCode.Created, pending.StatusCode);
        await silo.StopAsync();
        await silo.StartAgainAsync();

        using var first = await DigestModel.SubmitAsync(silo, NewId.Job(), VerificationPolicy.None, [1]);
        using var second = await DigestModel.SubmitAsync(silo, NewId.Job(), VerificationPolicy.None, [2]);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.TooManyRequests), (first.StatusCode, second.StatusCode));
        Assert.NotNull(second.Headers.RetryAfter);
    }

    private static async Task<IReadOnlyList<JobId>> ListAsync(HttpClient http, string query) =>
        (await http.GetFromJsonAsync<Page<JobStatus>>("/api/jobs" + query, GridJson.Wire))!.Items.Select(j => j.Id).ToArray();
}
