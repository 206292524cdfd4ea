using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PiGrid.Api;
using PiGrid.Silo.Hosting;

namespace PiGrid.Tests.Silo;

/// <summary>A silo on PostgreSQL: jobs, a server that goes away in the middle of one, and what keeps it from starting.</summary>
public sealed class PostgresSiloTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pigrid-start-").FullName;
    private PostgresServer? _server;

    public async Task InitializeAsync() => _server = PostgresServer.SkipReason is null ? await PostgresServer.StartAsync() : null;

    public async Task DisposeAsync()
    {
        await (_server?.DisposeAsync() ?? default);
        Directory.Delete(_folder, recursive: true);
    }

    [PostgresFact]
    public async Task Job_WhenTheDatabaseGoesAwayInTheMiddle_LosesNothingAndIsFinishedWhenItReturns()
    {
        await using var silo = await TestSilo.StartAsync(
            "--postgres", _server!.Connection, "--Postgres:OutageWait=00:00:01", "--Postgres:ProbePeriod=00:00:00.2");
        await using var operatorNode = await TestWorker.StartAsync(silo, silo.Bootstrap.OperatorNodeToken);
        await DigestModel.PublishAsync(silo);
        using var gate = new ManualResetEventSlim();
        await using var slow = await TestWorker.StartAsync(silo, silo.Bootstrap.EnrolmentToken!, input =>
        {
            gate.Wait();
            return TestWorker.Honest(input);
        });
        var large = new byte[30_000];
        using var submitted = await DigestModel.SubmitAsync(silo, NewId.Job(), VerificationPolicy.None, [1], large);
        Assert.Equal("", submitted.IsSuccessStatusCode ? "" : await submitted.Content.ReadAsStringAsync());
        var job = await submitted.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire);

        await _server.StopAsync();
        // Now its results come, and cannot be made durable.
        gate.Set();
        Assert.Equal("the database cannot be reached", await UntilAsync(silo, HttpStatusCode.ServiceUnavailable));
        using var refused = await DigestModel.SubmitAsync(silo, NewId.Job(), VerificationPolicy.None, [2]);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "storage_away"), (refused.StatusCode, (await refused.Content.ReadFromJsonAsync<ApiError>(GridJson.Wire))!.Error.Code));
        using var alive = await silo.Http.GetAsync("/health/live");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);

        await _server.StartAgainAsync();
        Assert.Null(await UntilAsync(silo, HttpStatusCode.OK));
        await using var another = await TestWorker.StartAsync(silo, silo.Bootstrap.EnrolmentToken!);
        var status = await silo.Http.GetFromJsonAsync<JobStatus>($"/api/jobs/{job!.Id}?wait_ms=30000", GridJson.Wire);
        Assert.Equal((JobState.Completed, 2, 0), (status!.State, status.Inputs, status.InputsFailed));
        Assert.Equal(large, await silo.Http.GetByteArrayAsync($"/api/blobs/{Sha256.Of(large)}"));
        using var next = await DigestModel.SubmitAsync(silo, NewId.Job(), VerificationPolicy.None, [2]);
        Assert.Equal(HttpStatusCode.Accepted, next.StatusCode);
    }

    [PostgresFact]
    public async Task Silo_StartedAgainOnTheDatabase_HasEverything_AlsoWithoutItsCopies()
    {
        await using var silo = await TestSilo.StartAsync("--postgres", _server!.Connection);
        var blob = new byte[3_000_000];
        using var content = new ByteArrayContent(blob);
        using var put = await silo.Http.PostAsync("/api/blobs", content);
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        await silo.StopAsync();
        Assert.False(File.Exists(Path.Combine(silo.Folder, "grid.db")));
        Directory.Delete(Path.Combine(silo.Folder, "blob-cache"), recursive: true);

        await silo.StartAgainAsync();

        Assert.Equal(blob, await silo.Http.GetByteArrayAsync($"/api/blobs/{Sha256.Of(blob)}"));
        using var part = new HttpRequestMessage(HttpMethod.Get, $"/api/blobs/{Sha256.Of(blob)}") { Headers = { Range = new(2_999_990, null) } };
        using var range = await silo.Http.SendAsync(part);
        Assert.Equal((HttpStatusCode.PartialContent, 10L), (range.StatusCode, range.Content.Headers.ContentLength));
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Database=grid;Username=u;Password=s3cret", ExitCode.Database, "database 'grid' on 127.0.0.1:1 cannot be reached")]
    [InlineData("Host=127.0.0.1;Passwort=s3cret", ExitCode.InvalidSettings, "Postgres:Connection: It is no connection string")]
    public async Task Start_WhenTheDatabaseCannotBeHad_SaysWhichAndNoSecret(string connection, object code, string expected)
    {
        using var errors = new StringWriter();

        var exit = await SiloProgram.RunAsync(["--data", _folder, "--urls", "http://127.0.0.1:0", "--postgres", connection], TextWriter.Null, errors);

        Assert.Equal((int)(ExitCode)code, exit);
        Assert.Contains(expected, errors.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", errors.ToString(), StringComparison.Ordinal);
    }

    // The reason that is given while it is not ready.
    private static async Task<string?> UntilAsync(TestSilo silo, HttpStatusCode status)
    {
        while (true)
        {
            using var ready = await silo.Http.GetAsync("/health/ready");
            if (ready.StatusCode == status)
            {
                var answer = JsonDocument.Parse(await ready.Content.ReadAsStringAsync()).RootElement;
                return answer.TryGetProperty("reason", out var reason) ? reason.GetString() : null;
            }

            await Task.Yield();
        }
    }
}
