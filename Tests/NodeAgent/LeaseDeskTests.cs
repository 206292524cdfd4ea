using System.Security.Cryptography;
using PiGrid.NodeAgent.Work;
using PiGrid.Protocol;

namespace PiGrid.Tests.NodeAgent;

/// <summary>Calls that a worker is ready for are checked while they run; until then nobody hears of them.</summary>
public sealed class LeaseDeskTests
{
    private static readonly string[] Lies = ["bad_signature", "other_work", "other_node", "expired"];

    [Theory]
    [InlineData("bad_signature")]
    [InlineData("other_work")]
    [InlineData("other_node")]
    [InlineData("expired")]
    public async Task Call_WhenForged_IsDeclinedAndGivesNothing(string reason)
    {
        await using var bench = await DeskBench.StartAsync();
        var forged = Forge(bench, reason);

        bench.Desk.Take(forged);
        await bench.Desk.Idle.WaitAsync(Patience.Limit);

        var decline = Assert.IsType<DeclineMessage>(Assert.Single(bench.Said()));
        Assert.Equal(forged.Lease.Lease.Id, decline.Lease);
        Assert.StartsWith(reason, decline.Reason, StringComparison.Ordinal);
        Assert.False(bench.Results.Contains(forged.Lease.Lease.Id));
    }

    [Theory]
    [InlineData("bad_signature")]
    [InlineData("other_work")]
    public async Task Call_WhenFoundForgedAfterItsWorkIsDone_IsDeclinedAndItsOutputIsThrownAway(string reason)
    {
        await using var bench = await DeskBench.StartAsync();
        bench.HoldsChecks = true;
        var forged = Forge(bench, reason);
        bench.Desk.Take(forged);
        await bench.AnsweredAsync();
        Assert.Equal((1, 0), (bench.Desk.Working, bench.Desk.Progress.Count));
        Assert.DoesNotContain(bench.Desk.Held, lease => lease.Lease.Id == forged.Lease.Lease.Id);
        bench.Desk.Take(forged);
        Assert.Empty(bench.Said());

        bench.Check();
        await bench.Desk.Idle.WaitAsync(Patience.Limit);

        Assert.StartsWith(reason, Assert.IsType<DeclineMessage>(Assert.Single(bench.Said())).Reason, StringComparison.Ordinal);
        Assert.False(bench.Results.Contains(forged.Lease.Lease.Id));
        await AssertRunsAsync(bench, bench.Call(5));
    }

    [Fact]
    public async Task Call_WhenFoundGenuineAfterItsWorkIsDone_HasAResult()
    {
        await using var bench = await DeskBench.StartAsync();
        bench.HoldsChecks = true;
        var call = bench.Call(2);
        bench.Desk.Take(call);
        await bench.AnsweredAsync();
        Assert.Empty(bench.Said());

        bench.Check();
        await bench.Desk.Idle.WaitAsync(Patience.Limit);

        AssertResult(bench, call, 3);
        Assert.Contains(bench.Desk.Held, lease => lease.Lease.Id == call.Lease.Lease.Id);
    }

    [Fact]
    public async Task Call_WhenCancelledWhileItIsChecked_HasNoResult()
    {
        await using var bench = await DeskBench.StartAsync();
        bench.HoldsChecks = true;
        var call = bench.Call(2);
        bench.Desk.Take(call);

        bench.Desk.Cancel(call.Lease.Lease.Id, "nobody waits for it");
        bench.Check();
        await bench.Desk.Idle.WaitAsync(Patience.Limit);

        Assert.Empty(bench.Said());
        await AssertRunsAsync(bench, bench.Call(5));
    }

    [Fact]
    public async Task Call_WhenTheNodeStopsWhileItIsChecked_IsGivenBack()
    {
        await using var bench = await DeskBench.StartAsync();
        bench.HoldsChecks = true;
        bench.Desk.Take(bench.Call(2));

        bench.Desk.Abandon("it stops");
        bench.Check();
        await bench.Desk.Idle.WaitAsync(Patience.Limit);

        Assert.StartsWith("draining", Assert.IsType<DeclineMessage>(Assert.Single(bench.Said())).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_OfAModelThatIsNotLoaded_IsCheckedFirst()
    {
        await using var bench = await DeskBench.StartAsync();
        bench.HoldsChecks = true;
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var input = Works.Floats(("a", [1, 2, 3]), ("b", [1, 1, 1]));
        var order = Works.Order(bench.Grid, Works.Add(bench.Grid, 3), input);

        bench.Desk.Take(bench.Grid.AssignCall(order, bench.Node, stranger, input));

        Assert.StartsWith("bad_signature", Assert.IsType<DeclineMessage>(Assert.Single(bench.Said())).Reason, StringComparison.Ordinal);
        Assert.Equal(0, bench.Desk.Working);
        Assert.DoesNotContain(bench.Grid.BlobRequests, request => request.Digest == order.Work.Manifest.Sha256);
    }

    [Fact]
    public async Task Call_WhoseInputDidNotComeAlong_IsCheckedFirst()
    {
        await using var bench = await DeskBench.StartAsync();
        bench.HoldsChecks = true;
        var forged = Forge(bench, "bad_signature");

        bench.Desk.Take(forged with { Inline = [] });

        Assert.IsType<DeclineMessage>(Assert.Single(bench.Said()));
        Assert.DoesNotContain(bench.Grid.BlobRequests, request => request.Digest == forged.Order.Inputs[0].Blob.Sha256);
    }

    [Fact]
    public async Task Input_ThatCameUnderAnotherName_IsFetchedOnlyWhenTheLeaseIsGenuine()
    {
        await using var bench = await DeskBench.StartAsync();
        bench.HoldsChecks = true;
        var forged = Forge(bench, "bad_signature") with { Inline = [[1, 2, 3]] };
        bench.Desk.Take(forged);

        bench.Check();
        await bench.Desk.Idle.WaitAsync(Patience.Limit);

        Assert.IsType<DeclineMessage>(Assert.Single(bench.Said()));
        Assert.DoesNotContain(bench.Grid.BlobRequests, request => request.Digest == forged.Order.Inputs[0].Blob.Sha256);
    }

    [Fact]
    public async Task Call_WhoseResultComesAtOnce_IsNotAcceptedBeside()
    {
        var time = new StepTime();
        await using var bench = await DeskBench.StartAsync(time);
        var call = bench.Call(2);
        bench.Desk.Take(call);
        await bench.Desk.Idle.WaitAsync(Patience.Limit);

        time.Advance(TimeSpan.FromSeconds(1));

        Assert.IsType<ResultMessage>(Assert.Single(bench.Said()));
    }

    [Fact]
    public async Task Call_WhoseResultDoesNotComeAtOnce_IsAcceptedOnceWhenItIsChecked()
    {
        var time = new StepTime();
        await using var bench = await DeskBench.StartAsync(time);
        bench.HoldsChecks = true;
        var call = bench.Call(2);
        using var turn = await bench.BusyAsync();
        bench.Desk.Take(call);
        time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Empty(bench.Said());
        bench.Check();
        Assert.Empty(bench.Said());

        time.Advance(TimeSpan.FromMilliseconds(200));
        time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(call.Lease.Lease.Id, Assert.IsType<AcceptMessage>(Assert.Single(bench.Said())).Lease);

        // Sent twice around a reconnect.
        bench.Desk.Take(call);
        Assert.IsType<AcceptMessage>(Assert.Single(bench.Said()));
        turn.Dispose();
        await bench.Desk.Idle.WaitAsync(Patience.Limit);
        AssertResult(bench, call, 3);
    }

    [Fact]
    public async Task Job_IsAcceptedAtOnce()
    {
        await using var bench = await DeskBench.StartAsync();
        var job = bench.Grid.Assign(bench.Call(2).Order, node: bench.Node);

        bench.Desk.Take(job);
        Assert.Equal(job.Lease.Lease.Id, Assert.IsType<AcceptMessage>(bench.Said()[0]).Lease);
        await bench.Desk.Idle.WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task Check_InTwoParts_IsTheWhole()
    {
        await using var bench = await DeskBench.StartAsync();
        using var key = new VerifyingKey(bench.Grid.PublicKey);
        var now = DateTimeOffset.UtcNow;

        foreach (var reason in Lies)
        {
            var forged = Forge(bench, reason);
            var whole = LeaseCheck.Refuse(forged, key, bench.Node, now);
            Assert.StartsWith(reason, whole, StringComparison.Ordinal);
            Assert.Equal(whole, LeaseCheck.RefuseAtSight(forged, bench.Node, now) ?? LeaseCheck.RefuseClosely(forged, key));
        }

        Assert.Null(LeaseCheck.RefuseAtSight(bench.Call(1), bench.Node, now) ?? LeaseCheck.RefuseClosely(bench.Call(1), key));
    }

    private static Assignment Forge(DeskBench bench, string lie)
    {
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var genuine = bench.Call(2);
        var lease = genuine.Lease.Lease;
        return lie switch
        {
            "bad_signature" => bench.Call(2, stranger),
            "other_work" => genuine with { Order = genuine.Order with { Work = genuine.Order.Work with { Category = "other" } } },
            "other_node" => genuine with { Lease = bench.Grid.Sign(lease with { Node = Signatures.NodeIdOf(stranger.ExportSubjectPublicKeyInfo()) }) },
            _ => genuine with { Lease = bench.Grid.Sign(lease with { IssuedAt = lease.IssuedAt.AddHours(-2), Deadline = lease.Deadline.AddHours(-2) }) },
        };
    }

    private static async Task AssertRunsAsync(DeskBench bench, Assignment call)
    {
        bench.HoldsChecks = false;
        bench.Desk.Take(call);
        await bench.Desk.Idle.WaitAsync(Patience.Limit);
        AssertResult(bench, call, 6);
    }

    private static void AssertResult(DeskBench bench, Assignment call, float sum)
    {
        var said = bench.Said();
        var result = Assert.IsType<ResultMessage>(said[^1]).Result;
        Assert.Equal([sum, 2], Works.FloatsOf(Assert.Single(Works.Items(result, call, bench.PublicKey))));
        Assert.True(bench.Results.Contains(call.Lease.Lease.Id));
    }
}
