using System.Diagnostics;
using System.Text.Json;
using PiGrid.Api;
using PiGrid.Client.Cli;
using PiGrid.Tests.NodeAgent;
using Spectre.Console;

namespace PiGrid.Tests.Client;

/// <summary><c>pigrid top</c>: what a frame shows, and the program against the built silo.</summary>
public sealed class TopTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Frame_ShowsNodesQueuePaceAndIncidents()
    {
        var overview = new GridOverview
        {
            At = Now,
            Version = "1.2",
            Engine = "Embedded",
            StartedAt = Now.AddHours(-3),
            Problem = "the store is away",
            Enrolled = 9,
            Nodes = new NodeCensus
            {
                States = [new("connected", 7), new("offline", 2)],
                Tiers = [new("trusted", 5), new("probation", 2)],
                Regions = [],
                HardwareClasses = [],
                Known = 9,
                Connected = 7,
                Slots = 14,
                FreeSlots = 3,
            },
            Queue = new GridQueue { Waiting = 12, FreeNodes = 1, OldestMs = 3_200, Reason = "no node has the memory" },
            Shards = new GridPace { PerSecond = 2.5, History = [0, 4, 8], P50Ms = 10.2, P95Ms = 20, P99Ms = 30 },
            Calls = new GridPace { PerSecond = 0, History = [0, 0, 0] },
            JobsOpen = 2,
            Jobs = 50,
            Models = 4,
            IncidentsOpen = 1,
        };
        var incident = new Incident { Kind = IncidentKind.NodeSuspended, Subject = "n_x", Detail = "a wrong result", OpenedAt = Now, SeenAt = Now };

        var frame = Draw(overview, [incident]);

        Assert.All(
            [
                "7 connected of 9 enrolled, 3 of 14 slots free", "connected 7, offline 2", "trusted 5, probation 2", "the store is away", "up 3 h",
                "12 replicas wait, the oldest for 3.2 s: no node has the memory", "2.5/s; p50 10.2 ms, p95 20.0 ms, p99 30.0 ms   ▄█", "0.0/s; p50 -, p95 -, p99 -",
                "2 open of 50; 4 model versions", "node_suspended", "a wrong result",
            ],
            text => Assert.Contains(text, frame, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--once")]
    [InlineData]
    public async Task Top_WhenNobodyWatches_ShowsOneFrame(params string[] arguments)
    {
        var run = await ClientProgram.RunAsync(["top", .. arguments, "--bootstrap", silo.Bootstrap]);

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Contains("0 connected of 0 enrolled", run.Output, StringComparison.Ordinal);
        Assert.Contains("nothing waits", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Top_WhenJsonIsAsked_IsOneObject()
    {
        var run = await ClientProgram.RunAsync(["top", "--json", "--bootstrap", silo.Bootstrap]);

        using var answer = JsonDocument.Parse(run.Output);
        Assert.Equal(0, answer.RootElement.GetProperty("overview").GetProperty("queue").GetProperty("waiting").GetInt32());
        Assert.Equal(0, answer.RootElement.GetProperty("incidents").GetArrayLength());
    }

    [Fact]
    public async Task Top_WhenLinesAreAsked_WritesThemUntilItIsInterrupted()
    {
        using var top = ClientProgram.Start(["top", "--format", "ndjson", "--bootstrap", silo.Bootstrap]);
        var at = new List<DateTimeOffset>();
        for (var i = 0; i < 2; i++)
        {
            at.Add(JsonSerializer.Deserialize<GridOverview>((await top.StandardOutput.ReadLineAsync())!, GridJson.Wire)!.At);
        }

        // A program that was started with the signal ignored, as shells start what runs in the background, goes on: that is to fail, not to last.
        using var interrupt = Process.Start("kill", ["-INT", $"{top.Id}"]);
        await top.WaitForExitAsync().WaitAsync(Patience.Limit);

        Assert.True(at[1] > at[0]);
        Assert.Equal(130, top.ExitCode);
    }

    private static string Draw(GridOverview overview, Incident[] incidents)
    {
        using var written = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(written), Ansi = AnsiSupport.No });
        console.Profile.Width = 200;
        console.Write(TopScreen.Draw(new Uri("http://grid.test"), overview, incidents));
        return written.ToString();
    }
}
