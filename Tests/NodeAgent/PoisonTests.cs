using System.Diagnostics;
using PiGrid.Models;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Tests.NodeAgent;

/// <summary>Inputs that end their worker process take nothing from the others. Real processes, real models.</summary>
public sealed class PoisonTests
{
    [Fact]
    public async Task Input_WhenItNeedsTooMuchMemory_FailsAlone()
    {
        // Three gigabytes of floats against a limit of 256 MiB.
        await using var grid = await ProtocolGrid.StartAsync();
        var work = Works.Expand(grid, new ManifestLimits { MemoryMib = 256 });
        var items = await RunAsync(grid, work, Works.Longs("x", 10), Works.Longs("x", 800_000_000), Works.Longs("x", 20));

        Assert.Equal(ItemErrorCode.WorkerDied, items[1].Error?.Code);
        Assert.Null(items[0].Error);
        Assert.Null(items[2].Error);
    }

    [Fact]
    public async Task Input_WhenItTakesTooLong_TimesOutAlone()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        var items = await RunAsync(grid, Works.Endless(grid, seconds: 1), Works.Floats(("x", [1])), "no tensors"u8.ToArray());

        Assert.Equal(ItemErrorCode.TimedOut, items[0].Error?.Code);
        Assert.Equal(ItemErrorCode.Undecodable, items[1].Error?.Code);
    }

    [Fact]
    public async Task Worker_WhenItIsKilledInMidRun_IsReplacedAndTheInputRunAgain()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        var gate = new TaskCompletionSource();
        var second = Works.Floats(("a", [5, 6]), ("b", [7, 8]));
        var served = grid.Serve;
        grid.Serve = (bytes, from) =>
        {
            if (bytes.AsSpan().SequenceEqual(second))
            {
                gate.Task.Wait();
            }

            return served(bytes, from);
        };
        var assignment = grid.Assign(Works.Order(grid, Works.Add(grid), Works.Floats(("a", [1, 2]), ("b", [3, 4])), second));
        await session.SendAsync(new AssignMessage(assignment));
        await session.NextAsync<AcceptMessage>();

        // The first input or the model's loading is behind it or under way; whichever it is, its worker dies now.
        foreach (var id in agent.Agent.Workers.ProcessIds)
        {
            using var worker = Process.GetProcessById(id);
            worker.Kill();
            await worker.WaitForExitAsync();
        }

        gate.SetResult();
        var result = (await session.NextAsync<ResultMessage>()).Result;
        Assert.All(ShardOutput.TryParse(result.Output!, out _)!.Items, i => Assert.Null(i.Error));
    }

    [Fact]
    public async Task Worker_WhenItsAgentIsGone_Ends()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        var agent = AgentRun.Start(grid);
        await grid.NextSessionAsync();
        await agent.Agent.Workers.WarmAsync();
        var workers = agent.Agent.Workers.ProcessIds.Select(Process.GetProcessById).ToArray();
        Assert.NotEmpty(workers);

        await agent.DisposeAsync();

        Assert.All(workers, w => Assert.True(w.HasExited));
    }

    [Fact]
    public async Task Model_ThatCannotBeLoaded_FailsTheLeaseWithTheReason()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        var order = Works.Order(grid, Works.Template(grid, OnnxModels.UnknownOperator()), Works.Floats(("x", [1])));

        await session.SendAsync(new AssignMessage(grid.Assign(order)));

        Assert.Contains("NoSuchOperator", (await session.NextAsync<FailMessage>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_WhenStarted_HasGivenUpItsRights()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        await grid.NextSessionAsync();
        await agent.Agent.Workers.WarmAsync();
        var id = agent.Agent.Workers.ProcessIds[0];

        Assert.Contains("NoNewPrivs:\t1", await File.ReadAllTextAsync($"/proc/{id}/status"), StringComparison.Ordinal);
        Assert.Matches("Max core file size +0 +0", await File.ReadAllTextAsync($"/proc/{id}/limits"));
        var environment = (await File.ReadAllTextAsync($"/proc/{id}/environ")).Split('\0');
        Assert.DoesNotContain(environment, v => v.StartsWith("HOME=", StringComparison.Ordinal) || v.StartsWith("PATH=", StringComparison.Ordinal));
        var open = Directory.EnumerateFileSystemEntries($"/proc/{id}/fd").Select(f => new FileInfo(f).LinkTarget ?? "").ToArray();
        Assert.DoesNotContain(open, f => f.StartsWith(agent.Data, StringComparison.Ordinal) || f.Contains("socket:", StringComparison.Ordinal));
        Assert.DoesNotContain(open, f => f.Contains(".onnxruntime", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<ItemOutput>> RunAsync(ProtocolGrid grid, WorkTemplate work, params byte[][] inputs)
    {
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        await session.SendAsync(new AssignMessage(grid.Assign(Works.Order(grid, work, inputs))));
        var result = (await session.NextAsync<ResultMessage>()).Result;
        return ShardOutput.TryParse(result.Output!, out _)!.Items;
    }
}
