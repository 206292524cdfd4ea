// A program within the operator's trust that calls the grid's grains directly, from another process than the silo:
//
//   GrainClient DATA_FOLDER MODEL@VERSION FILE...
//
// PIGRID_CLUSTER, the silos' PostgreSQL connection string, leads to a cluster instead of the silo that has the folder (engine Orleans).
//
// It submits the files as one job, writes what happens to standard error and the outputs as JSON lines to standard output, and exits with 0
// when the job completed. Programs of AI developers use HTTP instead (PiGrid.Client.GridClient): they have no business in the data folder.
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using PiGrid;
using PiGrid.Client.Engine;

if (args.Length < 3 || !ModelRef.TryParse(args[1], null, out var model))
{
    Console.Error.WriteLine("Usage: GrainClient DATA_FOLDER MODEL@VERSION FILE...");
    return 2;
}

var gatewayPort = int.TryParse(Environment.GetEnvironmentVariable("PIGRID_GATEWAY_PORT"), out var port) ? port : 30000;
var builder = Host.CreateEmptyApplicationBuilder(settings: null);
if (Environment.GetEnvironmentVariable("PIGRID_CLUSTER") is { Length: > 0 } postgres)
{
    builder.UseGridCluster(postgres);
}
else
{
    builder.UseGridClient(args[0], gatewayPort);
}

using var host = builder.Build();
await host.StartAsync();

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

// The id is chosen here, so that a submission that was answered into a lost connection can be sent again.
var job = host.Services.GetRequiredService<IClusterClient>().GetGrain<IJobGrain>(NewId.Job().Value);
var spec = new JobSpec
{
    Model = model,
    Inputs = args[2..].Select(path => new JobInput { Name = Path.GetFileName(path), Data = File.ReadAllBytes(path) }).ToArray(),
    Policy = VerificationPolicy.None,
    Name = "grain client sample",
};
var admission = await job.Submit(spec, stop.Token);
if (admission.Accepted is not { } accepted)
{
    foreach (var error in admission.Errors)
    {
        Console.Error.WriteLine($"{error.Field}: {error.Message}");
    }

    return 3;
}

Console.Error.WriteLine($"{accepted.Id} is accepted.");
await foreach (var happened in job.Watch(0, stop.Token))
{
    Console.Error.WriteLine($"{happened.At:HH:mm:ss.fff} {happened.Kind} {happened.Detail}");
}

await foreach (var result in job.ReadResults(0, stop.Token))
{
    Console.WriteLine(JsonSerializer.Serialize(result, GridJson.Wire));
}

var status = await job.GetStatus();
await host.StopAsync();
return status?.State == JobState.Completed ? 0 : 1;
