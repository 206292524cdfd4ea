using PiGrid.NodeAgent.Identity;
using PiGrid.Protocol;

namespace PiGrid.Tests.NodeAgent;

/// <summary>From an assignment to its verdict.</summary>
public sealed class LeaseTests
{
    [Fact]
    public async Task Lease_WhenGenuine_IsAcceptedRunAndSigned()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        var inputs = new[] { Works.Floats(("a", [1, 2]), ("b", [3, 4])), Works.Floats(("a", [5, 6]), ("b", [7, 8])) };
        var assignment = grid.Assign(Works.Order(grid, Works.Add(grid), inputs), inline: inputs[0]);

        await session.SendAsync(new AssignMessage(assignment));

        Assert.Equal(assignment.Lease.Lease.Id, (await session.NextAsync<AcceptMessage>()).Lease);
        var result = (await session.NextAsync<ResultMessage>()).Result;
        using var key = NodeKey.LoadOrCreate(Path.Combine(agent.Data, "node.key"));
        var items = Works.Items(result, assignment, key.PublicKey);
        Assert.Equal([[4, 6], [12, 14]], items.Select(Works.FloatsOf));
        Assert.Equal("cpu", result.Statement.Provider);
        Assert.Matches("^(x64|arm64)-[a-z0-9]+-cpu-[0-9.]+$", result.Statement.HardwareClass);
        Assert.DoesNotContain(grid.BlobRequests, r => r.Digest == assignment.Order.Inputs[0].Blob.Sha256);
        Assert.All(grid.BlobRequests, r => Assert.Equal($"Grant {assignment.Grant}", r.Authorization));
    }
}
