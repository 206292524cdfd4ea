using System.Diagnostics;
using System.Text.Json;
using PiGrid.Tests.Client;

namespace PiGrid.Tests.Scenarios.Demo;

/// <summary>The demo as people run it: the built program, with all the processes that it starts.</summary>
[Collection(RealProcesses.Name)]
public sealed class DemoTests : IDisposable
{
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new();

    private string Kept => Path.Combine(_folder.Path, "kept");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(0, 0)]
    public async Task Demo_WhenRun_FindsTheBusAndThePersonAndAcceptsNothingWrong(int liars, int kill)
    {
        var run = await ClientProgram.RunAsync(["demo", "--json", "--keep", Kept, "--liars", $"{liars}", "--kill", $"{kill}"]);

        Assert.True(run.ExitCode == 0, $"exit {run.ExitCode}: {run.Output} {run.Errors}");
        using var document = JsonDocument.Parse(run.Output);
        var report = document.RootElement;
        Assert.Equal(0, report.GetProperty("wrong_accepted").GetInt32());
        Assert.Equal(7, report.GetProperty("nodes").GetInt32());
        Assert.Equal(8, report.GetProperty("shards").GetInt32());
        Assert.Equal(kill, report.GetProperty("killed").GetInt32());
        Assert.InRange(report.GetProperty("results_per_shard").GetDouble(), 2, 12);
        Assert.InRange(report.GetProperty("slowest_ack_ms").GetDouble(), 0.1, report.GetProperty("slowest_verified_ms").GetDouble());
        var pictures = report.GetProperty("pictures").EnumerateArray().ToList();
        var labels = pictures.SelectMany(p => p.GetProperty("labels").EnumerateArray()).Select(l => l.GetString()).ToList();
        Assert.Equal(8, pictures.Count);
        Assert.Contains("bus", labels);
        Assert.Contains("person", labels);
        Assert.All(pictures, p =>
        {
            Assert.True(ReceiptId.TryParse(p.GetProperty("receipt").GetString(), null, out _));
            Assert.True(p.GetProperty("receipt_verified").GetBoolean());
            Assert.True(new FileInfo(p.GetProperty("annotated").GetString()!).Length > 1_000);
            Assert.All(p.GetProperty("detections").EnumerateArray(), d => Assert.Equal(4, d.GetProperty("box").GetArrayLength()));
        });
    }

    [LinuxFact]
    public async Task Demo_WhenItEnds_LeavesNoProcess()
    {
        using var demo = Start();
        var tree = await WhenConnectedAsync(demo);
        var output = demo.StandardOutput.ReadToEndAsync();
        var errors = demo.StandardError.ReadToEndAsync();

        await demo.WaitForExitAsync();

        Assert.True(demo.ExitCode == 0, $"exit {demo.ExitCode}: {await output} {await errors}");
        Assert.Empty(await tree.WaitForEndAsync(EndMax));
    }

    [LinuxFact]
    public async Task Demo_WhenKilled_LeavesNoProcess()
    {
        using var demo = Start();
        var tree = await WhenConnectedAsync(demo);

        demo.Kill(entireProcessTree: false);

        Assert.Empty(await tree.WaitForEndAsync(EndMax));
    }

    [LinuxFact]
    public async Task Demo_WhenInterrupted_ExitsWith130AndLeavesNoProcessAndNoFolder()
    {
        using var demo = Start(keep: false);
        var tree = await WhenConnectedAsync(demo);

        Assert.Equal(0, ProcessTree.Signal(demo.Id, ProcessTree.Interrupt));
        await demo.WaitForExitAsync();

        Assert.Equal(130, demo.ExitCode);
        Assert.Empty(await tree.WaitForEndAsync(EndMax));
        Assert.Empty(Directory.GetDirectories(_folder.Path, "pigrid-demo-*"));
    }

    private Process Start(bool keep = true) => ClientProgram.Start(
        ["demo", .. keep ? ["--keep", Kept] : Array.Empty<string>()],
        new Dictionary<string, string?> { ["TMPDIR"] = _folder.Path });

    // The demo says so on standard error; by then the silo, eight agents and their workers run.
    private static async Task<ProcessTree> WhenConnectedAsync(Process demo)
    {
        while (await demo.StandardError.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("All nodes are connected", StringComparison.Ordinal))
            {
                var tree = ProcessTree.Below(demo.Id);
                Assert.InRange(tree.Count, 9, 100);
                return tree;
            }
        }

        throw new InvalidOperationException("The demo ended before its nodes were connected.");
    }
}
