using PiGrid.NodeAgent.Identity;
using PiGrid.NodeAgent.Work;
using PiGrid.Protocol;
using PiGrid.Verification;

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

    [Fact]
    public async Task Output_WhenLargerThanTheWelcomeAllows_IsUploadedUnderTheGrant()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync(inlineMax: 1024);
        var numbers = Enumerable.Range(0, 1000).Select(i => (float)i).ToArray();
        var assignment = grid.Assign(Works.Order(grid, Works.Add(grid, 1000), Works.Floats(("a", numbers), ("b", numbers))));

        await session.SendAsync(new AssignMessage(assignment));

        var result = (await session.NextAsync<ResultMessage>()).Result;
        Assert.Null(result.Output);
        using var key = NodeKey.LoadOrCreate(Path.Combine(agent.Data, "node.key"));
        var item = Assert.Single(Works.Items(result, assignment, key.PublicKey, grid.Uploads[result.Statement.Output]));
        Assert.Equal(1998, Works.FloatsOf(item)[^1]);
    }

    [Fact]
    public async Task Lease_WhenForged_IsDeclinedAndCostsNothing()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        var order = Works.Order(grid, Works.Add(grid), Works.Floats(("a", [1, 2]), ("b", [3, 4])));
        using var stranger = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var other = Signatures.NodeIdOf(stranger.ExportSubjectPublicKeyInfo());
        var genuine = grid.Assign(order);
        (string Reason, Assignment Forged)[] cases =
        [
            ("bad_signature", grid.Assign(order, signer: stranger)),
            ("bad_signature", genuine with { Lease = genuine.Lease with { Lease = genuine.Lease.Lease with { Deadline = DateTimeOffset.MaxValue } } }),
            ("other_node", grid.Assign(order, node: other)),
            ("other_work", genuine with { Order = order with { Inputs = [] } }),
            ("expired", grid.Assign(order, TimeSpan.FromMinutes(1), issuedAt: DateTimeOffset.UtcNow.AddHours(-1))),
        ];

        foreach (var (reason, forged) in cases)
        {
            await session.SendAsync(new AssignMessage(forged));
            var decline = await session.NextAsync<DeclineMessage>();
            Assert.Equal(forged.Lease.Lease.Id, decline.Lease);
            Assert.StartsWith(reason, decline.Reason, StringComparison.Ordinal);
        }

        Assert.Empty(grid.BlobRequests);
    }

    [Fact]
    public async Task Lease_WhenItsInputFollows_IsRunWithoutAFetch()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        Assert.True(session.Proof!.Profile.Attachments);
        var input = Works.Floats(("a", [1, 2]), ("b", [3, 4]));
        var order = Works.Order(grid, Works.Add(grid), input);
        var assignment = grid.Assign(order);

        await session.SendAsync(new AssignMessage(assignment) { Attached = [input.Length] });
        await session.SendBinaryAsync(input);

        var result = (await session.NextAsync<ResultMessage>()).Result;
        Assert.Equal(assignment.Lease.Lease.Id, result.Statement.Lease);
        Assert.Null(ShardOutput.TryParse(result.Output!, out _)!.Items[0].Error);
        Assert.DoesNotContain(grid.BlobRequests, request => request.Digest == order.Inputs[0].Blob.Sha256);
    }

    [Theory]
    [InlineData(new[] { 0 })]
    [InlineData(new[] { -1 })]
    [InlineData(new[] { 1 << 30 })]
    public async Task Lease_WhenWhatFollowsHasAnAbsurdSize_IsIgnored(int[] sizes)
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        var order = Works.Order(grid, Works.Add(grid), Works.Floats(("a", [1, 2]), ("b", [3, 4])));
        var whole = grid.Assign(order);

        await session.SendAsync(new AssignMessage(grid.Assign(order)) { Attached = sizes });
        await session.SendAsync(new AssignMessage(whole));

        Assert.Equal(whole.Lease.Lease.Id, (await session.NextAsync<AcceptMessage>()).Lease);
    }

    [Fact]
    public async Task Lease_WhenWhatFollowsIsLongerThanItSays_IsIgnored()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        var input = Works.Floats(("a", [1, 2]), ("b", [3, 4]));
        var order = Works.Order(grid, Works.Add(grid), input);
        var whole = grid.Assign(order);

        await session.SendAsync(new AssignMessage(grid.Assign(order)) { Attached = [input.Length - 1] });
        await session.SendBinaryAsync(input);
        await session.SendAsync(new AssignMessage(whole));

        Assert.Equal(whole.Lease.Lease.Id, (await session.NextAsync<AcceptMessage>()).Lease);
    }

    [Fact]
    public async Task Lease_WhenCancelledInMidRun_EndsAndLeavesTheSlotFree()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        var endless = grid.Assign(Works.Order(grid, Works.Endless(grid, seconds: 3000), Works.Floats(("x", [1]))));
        await session.SendAsync(new AssignMessage(endless));
        await session.NextAsync<AcceptMessage>();

        await session.SendAsync(new CancelMessage(endless.Lease.Lease.Id, "enough agree"));
        await agent.Agent.Desk!.Idle.WaitAsync(Patience.Limit);

        var next = grid.Assign(Works.Order(grid, Works.Add(grid), Works.Floats(("a", [1, 2]), ("b", [3, 4]))));
        await session.SendAsync(new AssignMessage(next));
        Assert.Equal(next.Lease.Lease.Id, (await session.NextAsync<ResultMessage>()).Result.Statement.Lease);
    }

    [Fact]
    public async Task Lease_WhenItsDeadlinePasses_IsGivenBack()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        var endless = grid.Assign(Works.Order(grid, Works.Endless(grid, seconds: 3000), Works.Floats(("x", [1]))), TimeSpan.FromSeconds(3));

        await session.SendAsync(new AssignMessage(endless));

        var fail = await session.NextAsync<FailMessage>();
        Assert.Equal(endless.Lease.Lease.Id, fail.Lease);
        Assert.Contains("deadline", fail.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lease_WhenRenewed_IsWorkedOnPastItsFirstDeadline()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid, slots: 2);
        var session = await grid.NextSessionAsync(heartbeatMs: 100);
        var gate = new TaskCompletionSource();
        var served = grid.Serve;
        grid.Serve = (bytes, from) =>
        {
            gate.Task.Wait();
            return served(bytes, from);
        };
        var order = Works.Order(grid, Works.Add(grid), Works.Floats(("a", [1, 2]), ("b", [3, 4])));
        var first = grid.Assign(order, TimeSpan.FromSeconds(3));
        await session.SendAsync(new AssignMessage(first));
        await session.NextAsync<AcceptMessage>();
        Assert.Equal([new LeaseProgress(first.Lease.Lease.Id, 0)], (await session.NextAsync<HeartbeatMessage>()).Heartbeat.Leases!);
        var renewed = grid.Sign(first.Lease.Lease with { Deadline = first.Lease.Lease.Deadline.AddMinutes(5) });
        await session.SendAsync(new RenewMessage(renewed));

        // A lease of the same length that comes later and is over marks that the first one's time would be.
        var second = grid.Assign(order, TimeSpan.FromSeconds(3));
        await session.SendAsync(new AssignMessage(second));
        Assert.Equal(second.Lease.Lease.Id, (await session.NextAsync<FailMessage>()).Lease);
        gate.SetResult();

        var result = (await session.NextAsync<ResultMessage>()).Result;
        Assert.Equal(CanonicalJson.Serialize(renewed), CanonicalJson.Serialize(result.Lease));
    }

    [Fact]
    public async Task Renewal_WhenNotWhatItClaims_ChangesNothing()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        using var stranger = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var held = grid.Assign(new WorkOrder { Work = Works.Add(grid), Inputs = [] }).Lease.Lease;
        var later = held with { Deadline = held.Deadline.AddMinutes(1) };
        using var key = new VerifyingKey(grid.PublicKey);

        Assert.Null(LeaseCheck.RefuseRenewal(grid.Sign(later), held, key));
        Assert.NotNull(LeaseCheck.RefuseRenewal(grid.Sign(later, stranger), held, key));
        Assert.NotNull(LeaseCheck.RefuseRenewal(grid.Sign(held), held, key));
        Assert.NotNull(LeaseCheck.RefuseRenewal(grid.Sign(held with { Deadline = held.Deadline.AddMinutes(-1) }), held, key));
        Assert.NotNull(LeaseCheck.RefuseRenewal(grid.Sign(later with { Shard = new(NewId.Job(), 0) }), held, key));
        Assert.NotNull(LeaseCheck.RefuseRenewal(grid.Sign(later with { IssuedAt = held.IssuedAt.AddMinutes(-9) }), held, key));
    }

    [Fact]
    public async Task Lease_WhenABlobIsNotThere_FailsWithItsDigest()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        var missing = new BlobRef(Sha256.Of([9, 9, 9]), 3);
        var order = new WorkOrder { Work = Works.Add(grid), Inputs = [new() { Index = 0, Blob = missing }] };

        await session.SendAsync(new AssignMessage(grid.Assign(order)));

        Assert.Contains(missing.Sha256.Value, (await session.NextAsync<FailMessage>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lease_WhenPreferencesOrRoomForbidIt_IsDeclinedWithTheReason()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid, preferences: """{ "categories": ["vision"], "disk_mib_max": 16, "memory_mib_max": 1024 }""");
        var session = await grid.NextSessionAsync();
        var input = Works.Floats(("a", [1, 2]), ("b", [3, 4]));
        var large = Works.Add(grid, category: "vision") with { Files = [new("huge.bin", new(Sha256.Of([7]), 17L << 20))] };
        (string Reason, WorkTemplate Work)[] cases =
        [
            ("category", Works.Add(grid, limits: new() { MemoryMib = 512 })),
            ("memory", Works.Add(grid, limits: new() { MemoryMib = 2048 }, category: "vision")),
            ("not_operator", Works.Add(grid, category: "vision") with { Kind = WorkKind.Validate }),
            ("disk", large with { Limits = new() { MemoryMib = 512 } }),
        ];

        foreach (var (reason, work) in cases)
        {
            await session.SendAsync(new AssignMessage(grid.Assign(Works.Order(grid, work, input))));
            Assert.StartsWith(reason, (await session.NextAsync<DeclineMessage>()).Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task OperatorNode_WhenGivenAModel_ValidatesIt()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        grid.Operator = true;
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        var work = Works.Add(grid) with { Kind = WorkKind.Validate };

        await session.SendAsync(new AssignMessage(grid.Assign(new WorkOrder { Work = work, Inputs = [] })));

        var result = (await session.NextAsync<ResultMessage>()).Result;
        var report = Assert.Single(PiGrid.Verification.ShardOutput.TryParse(result.Output!, out _)!.Items).Report;
        Assert.Equal(["a", "b"], report!.Inputs.Select(i => i.Name));
        Assert.Equal(["y"], report.Outputs.Select(o => o.Name));
    }

    [Fact]
    public async Task Forgers_GivenTheSameOrder_TellTheSameLie()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        var order = Works.Order(grid, Works.Add(grid), Works.Floats(("a", [1, 2]), ("b", [3, 4])));
        List<Sha256> lies = [];
        for (var i = 0; i < 2; i++)
        {
            await using var forger = AgentRun.Start(grid, fault: PiGrid.NodeAgent.Faults.Fault.Forge);
            var session = await grid.NextSessionAsync();
            await session.SendAsync(new AssignMessage(grid.Assign(order)));
            var result = (await session.NextAsync<ResultMessage>()).Result;
            var item = Assert.Single(PiGrid.Verification.ShardOutput.TryParse(result.Output!, out _)!.Items);
            Assert.Equal([2], Assert.Single(item.Tensors!).Shape);
            Assert.DoesNotContain(4f, Works.FloatsOf(item));
            lies.Add(result.Statement.Output);
        }

        Assert.Equal(lies[0], lies[1]);
    }
}
