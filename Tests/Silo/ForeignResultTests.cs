using System.Net.WebSockets;
using PiGrid.Grains.Scheduling;
using PiGrid.Protocol;
using PiGrid.Tests.Scheduling;
using PiGrid.Verification;

namespace PiGrid.Tests.Silo;

/// <summary>Results under a genuine lease that do not come from the node that holds it, or are not signed by it: they are refused, and cost the holder nothing.</summary>
public sealed class ForeignResultTests : IAsyncLifetime
{
    private TestSilo _silo = null!;
    private TestNode _holder = null!;
    private TestNode _other = null!;
    private ClientWebSocket _holders = null!;
    private ClientWebSocket _others = null!;
    private Assignment _assignment = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync();
        _holder = await TestNode.EnrolledAsync(_silo);
        _other = await TestNode.EnrolledAsync(_silo);
        (_holders, _) = await _holder.ConnectAsync();
        var request = Wishes.Want(1, shard: 1);
        await _silo.Grains.GetGrain<IDispatcherGrain>(DispatcherPartitions.KeyOf(request.Order.Work.Model)).Want(request);
        _assignment = Assert.IsType<AssignMessage>(await TestNode.ReceiveAsync(_holders)).Assignment;
        (_others, _) = await _other.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        await _holder.DisposeAsync();
        await _other.DisposeAsync();
        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Result_OfALeaseThatAnotherNodeHolds_IsInvalidAndLeavesTheLeaseWhereItIs()
    {
        await TestNode.SendAsync(_others, Result(_other));

        var verdict = await VerdictAsync(_others);
        Assert.Equal((_assignment.Lease.Lease.Id, Verdict.Invalid), (verdict.Lease, verdict.Verdict));
        Assert.Contains("not this node's", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal((1, 0), (await InvalidAsync(_other), await InvalidAsync(_holder)));
        Assert.Equal([_assignment.Lease.Lease.Id], (await StatusAsync(_holder)).Leases);
    }

    [Fact]
    public async Task Result_WhoseSignatureIsForged_IsInvalidAndEndsTheLease()
    {
        await TestNode.SendAsync(_holders, Result(_other));

        var verdict = await VerdictAsync(_holders);
        Assert.Equal((_assignment.Lease.Lease.Id, Verdict.Invalid), (verdict.Lease, verdict.Verdict));
        Assert.Contains("sign the canonical statement with the key that was enrolled", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal((0, 1), (await InvalidAsync(_other), await InvalidAsync(_holder)));
        Assert.Empty((await StatusAsync(_holder)).Leases);
    }

    [Fact]
    public async Task Result_WhoseStatementWasCopiedFromAnotherLease_IsInvalid()
    {
        // What another node signed, or this one signed before, is about that lease and no other.
        var copied = Result(_holder, NewId.Lease());
        await TestNode.SendAsync(_holders, copied);

        var verdict = await VerdictAsync(_holders);
        Assert.Equal((_assignment.Lease.Lease.Id, Verdict.Invalid), (verdict.Lease, verdict.Verdict));
        Assert.Contains("about another lease", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal(1, await InvalidAsync(_holder));
    }

    [Fact]
    public async Task Result_UnderALeaseThatTheGridDidNotSign_IsInvalid()
    {
        var result = Result(_holder).Result;
        var longer = result.Lease with { Lease = result.Lease.Lease with { Deadline = result.Lease.Lease.Deadline.AddDays(1) } };
        await TestNode.SendAsync(_holders, new ResultMessage(result with { Lease = longer }));

        Assert.Contains("not signed by this grid", (await VerdictAsync(_holders)).Reason, StringComparison.Ordinal);
    }

    private static async Task<VerdictMessage> VerdictAsync(ClientWebSocket socket)
    {
        while (await TestNode.ReceiveAsync(socket) is { } message)
        {
            if (message is VerdictMessage verdict)
            {
                return verdict;
            }
        }

        throw new InvalidOperationException("The silo closed the session.");
    }

    private async Task<long> InvalidAsync(TestNode node) => (await StatusAsync(node)).Tally.Invalid;

    private async Task<NodeStatus> StatusAsync(TestNode node) => (await _silo.Grains.GetGrain<INodeGrain>(node.Id.Value).GetStatus())!;

    private ResultMessage Result(TestNode signer, LeaseId? about = null)
    {
        var output = new ShardOutput { Items = new List<ItemOutput>() }.ToCanonicalBytes();
        var statement = new ResultStatement
        {
            Type = ResultStatement.TypeV1,
            Lease = about ?? _assignment.Lease.Lease.Id,
            Manifest = _assignment.Order.Work.Manifest.Sha256,
            ModelFile = _assignment.Order.Work.ModelFile?.Sha256,
            Inputs = new List<Sha256>(),
            Output = Sha256.Of(output),
            Provider = "cpu",
            Library = TestNode.Profile.Library,
            HardwareClass = TestNode.Profile.HardwareClass,
            TotalMs = 1,
            ModelMs = 1,
        };
        return new ResultMessage(new SignedResult
        {
            Lease = _assignment.Lease,
            Statement = statement,
            Signature = Signatures.Sign(signer.Key, CanonicalJson.Serialize(statement)),
            Output = output,
            OutputSize = output.Length,
        });
    }
}
