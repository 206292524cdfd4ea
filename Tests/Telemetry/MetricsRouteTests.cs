using System.Net;
using PiGrid.Tests.Silo;

namespace PiGrid.Tests.Telemetry;

/// <summary><c>/metrics</c> of a silo that works.</summary>
public sealed class MetricsRouteTests
{
    [Fact]
    public async Task Metrics_WhenAJobWasDone_SayWhatItCost()
    {
        await using var silo = await TestSilo.StartAsync();
        await using var judge = await TestWorker.StartAsync(silo, silo.Bootstrap.OperatorNodeToken);
        await using var one = await TestWorker.StartAsync(silo, silo.Bootstrap.EnrolmentToken!);
        await using var two = await TestWorker.StartAsync(silo, silo.Bootstrap.EnrolmentToken!);
        await DigestModel.PublishAsync(silo);
        using var submitted = await DigestModel.SubmitAsync(silo, NewId.Job(), VerificationPolicy.Quorum(2), [1], [2]);
        submitted.EnsureSuccessStatusCode();
        using var watched = await silo.Http.GetAsync($"{submitted.Headers.Location}?wait_ms=20000");
        await Task.WhenAll(one.FirstVerdict, two.FirstVerdict);

        using var response = await silo.Http.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        var metrics = PrometheusParser.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal(2, Value(metrics, "pigrid_shards_total", ("pigrid_outcome", "accepted"), ("pigrid_model", "digest@1")));
        Assert.Equal(4, Value(metrics, "pigrid_replicas_total", ("pigrid_replica_purpose", "run")));
        Assert.Equal(3, Value(metrics, "pigrid_nodes", ("pigrid_node_state", "online")));
        Assert.Equal(1, Value(metrics, "pigrid_nodes", ("pigrid_node_tier", "operator")));
        Assert.Equal(3, Value(metrics, "pigrid_sessions"));
        Assert.Equal(0, Value(metrics, "pigrid_queue_length"));
        Assert.Equal(1, Value(metrics, "pigrid_jobs_ended_total", ("pigrid_job_kind", "run"), ("pigrid_outcome", "completed")));
        Assert.True(Value(metrics, "pigrid_node_messages_total", ("pigrid_message_type", "result")) >= 4);
        Assert.Equal("histogram", metrics["pigrid_store_write_duration_seconds"].Type);
        Assert.Equal("histogram", metrics["http_server_request_duration_seconds"].Type);
        Assert.Contains("dotnet_process_memory_working_set_bytes", metrics.Keys);
    }

    [Theory]
    [InlineData(null, null, 200)]
    [InlineData(null, "X-Forwarded-For", 401)]
    [InlineData("developer", "Via", 403)]
    [InlineData("operator", "Forwarded", 200)]
    public async Task Metrics_WhenAskedFor_AreForThisMachineAndOperators(string? key, string? forwarded, int status)
    {
        await using var silo = await TestSilo.StartAsync();
        using var http = silo.ClientWith(key switch
        {
            "operator" => silo.Bootstrap.OperatorKey,
            "developer" => await silo.CreateTokenAsync(CredentialKind.Developer),
            _ => null,
        });
        if (forwarded is not null)
        {
            http.DefaultRequestHeaders.TryAddWithoutValidation(forwarded, "for=192.0.2.1");
        }

        using var response = await http.GetAsync("/metrics");
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
    }

    private static double Value(Dictionary<string, Family> metrics, string name, params (string Name, string Value)[] labels) =>
        metrics[name].Samples.Where(sample => labels.All(label => sample.Labels.GetValueOrDefault(label.Name) == label.Value)).Sum(sample => sample.Value);
}
