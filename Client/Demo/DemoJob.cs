using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using PiGrid.Client.Cli;

namespace PiGrid.Client.Demo;

/// <summary>The demo's job: one picture per shard, watched event by event.</summary>
internal sealed record DemoJob
{
    /// <summary>The job's last status.</summary>
    public required JobStatus Status { get; init; }

    /// <summary>The picture of each shard.</summary>
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>What the events said.</summary>
    public required DemoTimes Times { get; init; }

    /// <summary>The outputs in input order.</summary>
    public required IReadOnlyList<JobResult> Results { get; init; }

    /// <summary>Volunteers killed while they held a lease.</summary>
    public required IReadOnlySet<NodeId> Killed { get; init; }

    /// <summary>Submits the job and follows it to its end.</summary>
    public static async Task<DemoJob> RunAsync(DemoOptions options, DemoGrid grid, ModelRef model, Terminal terminal, CancellationToken cancellationToken)
    {
        // Enough shards that every node gets work: with few pictures, pictures come again.
        var shards = Math.Max(options.Images.Count, Math.Max(DemoOptions.ShardsMin, options.Nodes));
        var images = Enumerable.Range(0, shards).Select(i => options.Images[i % options.Images.Count]).ToList();
        var spec = await grid.Client.WithInputsAsync(
            new JobSpec { Model = model, Policy = VerificationPolicy.Quorum(options.Quorum), ShardSize = 1, Name = "demo" },
            images.Select(path => InputSource.FromFile(path)).ToList(),
            progress: null,
            cancellationToken);
        await WarmUpAsync(cancellationToken);

        terminal.Say($"Submitting {images.Count} pictures, each to be verified by {spec.Policy} ...");
        var status = await grid.Client.SubmitAsync(spec, cancellationToken: cancellationToken);
        var times = new DemoTimes(status.AcceptedAt);
        var killed = new HashSet<NodeId>();
        var screen = new DemoScreen(terminal, grid.Volunteers);
        status = await screen.ShowAsync(status.AcceptedAt, times, async show =>
        {
            await foreach (var happened in grid.Client.WatchAsync(status.Id, cancellationToken))
            {
                times.Add(happened);
                KillCasualty(happened, grid, times, killed);
                show(happened);
            }

            return await grid.Client.WaitForJobAsync(status.Id, cancellationToken);
        });
        grid.CheckAlive();
        return new()
        {
            Status = status,
            Images = images,
            Times = times,
            Killed = killed,
            Results = await grid.Client.ReadResultsAsync(status.Id, 0, cancellationToken).ToListAsync(cancellationToken),
        };
    }

    // The first lease that a casualty gets is its last.
    private static void KillCasualty(JobEvent happened, DemoGrid grid, DemoTimes times, HashSet<NodeId> killed)
    {
        if (happened.Kind is JobEventKind.ReplicaAssigned or JobEventKind.ReplicaAccepted
            && grid.Volunteers.FirstOrDefault(v => v.Node == happened.Node && v.Role == VolunteerRole.Casualty) is { } casualty
            && times.Holds(casualty.Node)
            && killed.Add(casualty.Node))
        {
            casualty.Agent.Kill();
        }
    }

    // The first event decides when a node is killed, so reading it is not to wait for the compiler.
    private static async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        var sample = new JobEvent { Sequence = 1, At = DateTimeOffset.UnixEpoch, Kind = JobEventKind.JobAccepted, Node = NodeId.FromBytes(new byte[16]), Shard = 0 };
        var frame = $"data: {JsonSerializer.Serialize(sample, GridJson.Wire)}\n\n";
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(frame));
        await foreach (var item in SseParser.Create(stream, (_, data) => JsonSerializer.Deserialize<JobEvent>(data, GridJson.Wire)).EnumerateAsync(cancellationToken))
        {
            new DemoTimes(sample.At).Add(item.Data!);
        }
    }
}
