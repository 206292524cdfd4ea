using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text.Json;
using PiGrid.NodeAgent;
using PiGrid.Protocol;

namespace PiGrid.Tests.NodeAgent;

/// <summary>Enrolment, handshake, and connections that come and go.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task Enrolment_WithAWrongToken_EndsTheAgentWithTheGridsReason()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid, token: "wrong");

        var refused = await Assert.ThrowsAsync<AgentException>(() => agent.Ended);

        Assert.Equal(ExitCode.Refused, refused.Code);
        Assert.Contains("The enrolment token is unknown.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grid_WhenItsKeyChanged_IsRefused()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        grid.Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        session.Abort();
        await (await grid.NextSocketAsync()).ChallengeAsync(grid);

        var refused = await Assert.ThrowsAsync<AgentException>(() => agent.Ended);
        Assert.Equal(ExitCode.OtherGrid, refused.Code);
        Assert.Contains("Another grid answers", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handshake_ProvesTheKeyAndTheGrid()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var socket = await grid.NextSocketAsync();

        var (hello, challenge) = await socket.ChallengeAsync(grid);
        var proof = await socket.NextAsync<ProveMessage>();

        Assert.Equal(grid.Node, hello.Node);
        var statement = new ProofStatement
        {
            Type = ProofStatement.TypeV1,
            GridKey = grid.PublicKey,
            Nonce = challenge.Nonce,
            Node = grid.Node,
            Version = challenge.Version,
        };
        using var key = PiGrid.NodeAgent.Identity.NodeKey.LoadOrCreate(Path.Combine(agent.Data, "node.key"));
        Assert.True(Signatures.Verify(key.PublicKey, CanonicalJson.Serialize(statement), proof.Signature));
        Assert.Equal(["coreml", "cpu", "cuda", "directml", "webgpu"], proof.Profile.Providers.Select(p => p.Name).Order());
        Assert.All(proof.Profile.Providers, p => Assert.True(p.Usable ? p.Reason is null : p.Reason is { Length: > 0 and <= 200 }));
        Assert.True(proof.Profile.Speed > 0);
    }

    [Fact]
    public async Task Agent_WhenItConnects_HasRehearsedAndLeftNothingBehind()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid, slots: 2);

        var session = await grid.NextSessionAsync();

        Assert.Empty(session.Proof!.Leases);
        Assert.Empty(session.Proof.Heartbeat.CachedModels!);
        Assert.Equal(2, session.Proof.Heartbeat.FreeSlots);
        Assert.Equal(2, agent.Agent.Workers.ProcessIds.Count);
        Assert.Empty(grid.BlobRequests);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(agent.Data, "work"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Version_ThatTheAgentDoesNotSpeak_EndsIt()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);

        await (await grid.NextSocketAsync()).ChallengeAsync(grid, version: 99);

        var refused = await Assert.ThrowsAsync<AgentException>(() => agent.Ended);
        Assert.Contains("version 99", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frame_WhenOversized_EndsTheConnectionAndTheAgentComesBack()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();

        await session.SendTextAsync(new byte[NodeProtocol.FrameBytesMax + 1]);
        await session.EndAsync();

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, session.Closed);
        await grid.NextSessionAsync();
    }

    [Fact]
    public async Task Frame_WhenUnknownOrMalformed_IsIgnored_UntilThereAreTooMany()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        for (var i = 0; i < 10; i++)
        {
            await session.SendTextAsync("""{"type":"from_the_future","x":1}""");
        }

        await session.SendTextAsync("""{"type":"cancel","lease":12}""");
        await session.SendTextAsync("nonsense");
        var assignment = grid.Assign(Works.Order(grid, Works.Add(grid), Works.Floats(("a", [1, 2]), ("b", [3, 4]))));
        await session.SendAsync(new AssignMessage(assignment));
        Assert.Equal(assignment.Lease.Lease.Id, (await session.NextAsync<AcceptMessage>()).Lease);

        await session.SendTextAsync("[]");
        await session.SendTextAsync("{}");
        await session.EndAsync();

        Assert.Equal(WebSocketCloseStatus.ProtocolError, session.Closed);
    }

    [Fact]
    public async Task Connection_WhenLostInMidRun_IsResumedWithItsLease()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        var gate = new TaskCompletionSource();
        var served = grid.Serve;
        grid.Serve = (bytes, from) =>
        {
            gate.Task.Wait();
            return served(bytes, from);
        };
        var assignment = grid.Assign(Works.Order(grid, Works.Add(grid), Works.Floats(("a", [1, 2]), ("b", [3, 4]))));
        await session.SendAsync(new AssignMessage(assignment));
        await session.NextAsync<AcceptMessage>();

        session.Abort();
        var resumed = await grid.NextSessionAsync();
        gate.SetResult();

        Assert.Equal(assignment.Lease.Lease.Id, Assert.Single(resumed.Proof!.Leases).Lease.Id);
        Assert.Equal(0, resumed.Proof.Heartbeat.FreeSlots);
        Assert.Equal(assignment.Lease.Lease.Id, (await resumed.NextAsync<ResultMessage>()).Result.Statement.Lease);
    }

    [Fact]
    public async Task Lease_WhenTheWelcomeStopsIt_Ends()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        var endless = grid.Assign(Works.Order(grid, Works.Endless(grid, seconds: 3000), Works.Floats(("x", [1]))));
        await session.SendAsync(new AssignMessage(endless));
        await session.NextAsync<AcceptMessage>();

        session.Abort();
        await grid.NextSessionAsync(stop: [endless.Lease.Lease.Id]);

        await agent.Agent.Desk!.Idle.WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task Result_WithoutVerdict_OutlivesConnectionAndAgent_AndIsForgottenWithItsVerdict()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        var first = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        var assignment = grid.Assign(Works.Order(grid, Works.Add(grid), Works.Floats(("a", [1, 2]), ("b", [3, 4]))));
        await session.SendAsync(new AssignMessage(assignment));
        var sent = (await session.NextAsync<ResultMessage>()).Result;

        session.Abort();
        var second = await grid.NextSessionAsync();
        Assert.Equal(Bytes(sent), Bytes((await second.NextAsync<ResultMessage>()).Result));

        await using var restarted = await first.RestartAsync();
        var third = await grid.NextSessionAsync(heartbeatMs: 200);
        Assert.Equal(assignment.Lease.Lease.Id, Assert.Single(third.Proof!.Leases).Lease.Id);
        Assert.Equal(1, third.Proof.Heartbeat.FreeSlots);
        Assert.Equal(Bytes(sent), Bytes((await third.NextAsync<ResultMessage>()).Result));

        await third.SendAsync(new VerdictMessage(assignment.Lease.Lease.Id, Verdict.Accepted, null));
        await third.NextAsync<HeartbeatMessage>();
        await third.NextAsync<HeartbeatMessage>();
        third.Abort();
        Assert.Empty((await grid.NextSessionAsync()).Proof!.Leases);
    }

    [Fact]
    public async Task Result_WithoutVerdict_IsSentAgainInTheSameSession_UntilTheVerdict()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync(heartbeatMs: 50, resendMs: 100);
        var assignment = grid.Assign(Works.Order(grid, Works.Add(grid), Works.Floats(("a", [1, 2]), ("b", [3, 4]))));
        await session.SendAsync(new AssignMessage(assignment));

        var sent = Bytes((await session.NextAsync<ResultMessage>()).Result);
        Assert.Equal(sent, Bytes((await session.NextAsync<ResultMessage>()).Result));
        Assert.Equal(sent, Bytes((await session.NextAsync<ResultMessage>()).Result));

        // What was on its way when the verdict came is answered by the order of messages: a decline after it.
        await session.SendAsync(new VerdictMessage(assignment.Lease.Lease.Id, Verdict.Accepted, null));
        await session.SendAsync(new AssignMessage(grid.Assign(assignment.Order, node: NodeId.FromBytes(new byte[16]))));
        await session.NextAsync<DeclineMessage>();
        for (var beats = 0; beats < 6; beats++)
        {
            Assert.IsType<HeartbeatMessage>(await session.NextAsync<AgentMessage>());
        }
    }

    [Fact]
    public async Task Agent_WhenStopped_FinishesItsLeaseAndSaysGoodbye()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        var gate = new TaskCompletionSource();
        var served = grid.Serve;
        grid.Serve = (bytes, from) =>
        {
            gate.Task.Wait();
            return served(bytes, from);
        };
        var order = Works.Order(grid, Works.Add(grid), Works.Floats(("a", [1, 2]), ("b", [3, 4])));
        await session.SendAsync(new AssignMessage(grid.Assign(order)));
        await session.NextAsync<AcceptMessage>();

        agent.Stop();
        Assert.Equal(0, (await session.NextAsync<HeartbeatMessage>()).Heartbeat.FreeSlots);
        await session.SendAsync(new AssignMessage(grid.Assign(order)));
        Assert.StartsWith("draining", (await session.NextAsync<DeclineMessage>()).Reason, StringComparison.Ordinal);
        gate.SetResult();

        await session.NextAsync<ResultMessage>();
        await session.NextAsync<GoodbyeMessage>();
        await agent.Ended;
    }

    [Fact]
    public async Task Preferences_WhenTheyChange_OpenTheSessionAnewWithTheNewProfile()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync(heartbeatMs: 100);
        Assert.Empty(session.Proof!.Profile.Categories);

        await File.WriteAllTextAsync(Path.Combine(agent.Data, "preferences.json"), """{ "categories": ["vision"], /* rest as it was */ }""");

        Assert.Equal(["vision"], (await grid.NextSessionAsync()).Proof!.Profile.Categories);
    }

    [Fact]
    public async Task SecondAgent_OnTheSameFolder_IsRefusedWithTheFirstOnesProcess()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);

        var refused = Assert.Throws<AgentException>(() => AgentRun.Start(grid, agent.Data));

        Assert.Equal(ExitCode.FolderUnusable, refused.Code);
        Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://192.0.2.1:5000", false, true)]
    [InlineData("http://192.0.2.1:5000", true, false)]
    [InlineData("https://192.0.2.1:5000", false, false)]
    [InlineData("http://127.0.0.1:5000/grid", false, false)]
    [InlineData("ftp://127.0.0.1", true, true)]
    [InlineData("grid.example.org", true, true)]
    public void Address_WhenPlainHttpOffLoopback_IsRefused(string address, bool insecure, bool refused)
    {
        var error = Record.Exception(() => PiGrid.NodeAgent.Identity.GridAddress.Parse(address, insecure));
        Assert.Equal(refused, error is AgentException { Code: ExitCode.BadUsage });
        Assert.Equal(refused, error is not null);
    }

    [Fact]
    public void Fault_AgainstAGridElsewhere_IsRefused()
    {
        var elsewhere = PiGrid.NodeAgent.Identity.GridAddress.Parse("https://grid.example.org", insecure: false);
        Assert.Throws<AgentException>(() => PiGrid.NodeAgent.Faults.FaultInjector.Check(PiGrid.NodeAgent.Faults.Fault.Forge, elsewhere));
    }

    private static string Bytes(SignedResult result) => JsonSerializer.Serialize(result, GridJson.Wire);
}
