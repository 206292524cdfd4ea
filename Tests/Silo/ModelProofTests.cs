using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Security.Cryptography;
using PiGrid.Grains.Scheduling;
using PiGrid.Protocol;
using PiGrid.Tests.Scheduling;

namespace PiGrid.Tests.Silo;

/// <summary>A node that used a model is asked to prove that it has it: honest, lying, and not knowing the question.</summary>
public sealed class ModelProofTests : IAsyncLifetime
{
    private readonly byte[] _model = RandomNumberGenerator.GetBytes(2 << 20);
    private TestSilo _silo = null!;
    private TestNode _node = null!;
    private ClientWebSocket _socket = null!;
    private ReplicaRequest _request = null!;

    private INodeGrain Grain => _silo.Grains.GetGrain<INodeGrain>(_node.Id.Value);

    private IDispatcherGrain Dispatcher => _silo.Grains.GetGrain<IDispatcherGrain>(DispatcherPartitions.KeyOf(_request.Order.Work.Model));

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync("--Nodes:Heartbeat=00:10:00");
        _node = await TestNode.EnrolledAsync(_silo);
        using var content = new ByteArrayContent(_model);
        using var put = await _silo.Http.PostAsync("/api/blobs", content);
        _request = Want(1, (await put.Content.ReadFromJsonAsync<BlobRef>(GridJson.Wire))!);
        await Dispatcher.Want(_request);
        (_socket, _) = await _node.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Node_WhenItHasTheModel_ProvesIt()
    {
        var challenge = await ChallengeAsync();
        using var file = new MemoryStream(_model);
        await AnswerAsync(new ModelProofMessage(challenge.Nonce, await challenge.AnswerAsync(file, default), null));

        Assert.Null(challenge.Problem);
        Assert.InRange(challenge.Ranges.Sum(r => r.Length), 256 << 10, 1 << 20);
        Assert.Equal((_request.Order.Work.ModelFile!.Sha256, ModelProofState.Proven), await ProofAsync());
    }

    [Fact]
    public async Task Node_WhenOneByteIsAnother_GetsNoMoreWorkWithTheModel()
    {
        var challenge = await ChallengeAsync();
        _model[challenge.Ranges[0].Offset] ^= 1;
        using var file = new MemoryStream(_model);
        await AnswerAsync(new ModelProofMessage(challenge.Nonce, await challenge.AnswerAsync(file, default), null));
        Assert.Equal((_request.Order.Work.ModelFile!.Sha256, ModelProofState.Refuted), await ProofAsync());
        Assert.Equal(1, (await Grain.GetStatus())!.Tally.Invalid);

        await Dispatcher.Want(Want(2, _request.Order.Work.ModelFile));
        await Dispatcher.Want(Want(3, new BlobRef(Sha256.Of([3]), 1)));

        Assert.Equal(Wishes.Shard(3), (await NextAsync<AssignMessage>()).Assignment.Lease.Lease.Shard);
        Assert.Equal(1, (await Dispatcher.GetBacklog()).Waiting);
    }

    [Fact]
    public async Task Node_WhenItHasRemovedTheModel_IsNotBlamed()
    {
        var challenge = await ChallengeAsync();
        await AnswerAsync(new ModelProofMessage(challenge.Nonce, null, "the disk was needed"));

        Assert.Equal((_request.Order.Work.ModelFile!.Sha256, ModelProofState.Unknown), await ProofAsync());
        Assert.Equal(0, (await Grain.GetStatus())!.Tally.Invalid);
    }

    // The node works on the shard, returns a result, and beats.
    private async Task<ModelChallenge> ChallengeAsync()
    {
        var assignment = (await NextAsync<AssignMessage>()).Assignment;
        await TestNode.SendAsync(_socket, new AcceptMessage(assignment.Lease.Lease.Id));
        await TestNode.SendAsync(_socket, new ResultMessage(TestWorker.Sign(_node, assignment, assignment.Order.Inputs.Select(TestWorker.Honest).ToArray())));
        await TestNode.SendAsync(_socket, new HeartbeatMessage(TestNode.Heartbeat));
        return (await NextAsync<ModelChallengeMessage>()).Challenge;
    }

    // What cannot be read is answered in its turn, so then the grain has been told of the proof.
    private async Task AnswerAsync(ModelProofMessage proof)
    {
        await TestNode.SendAsync(_socket, proof);
        await TestNode.SendTextAsync(_socket, "no message");
        await NextAsync<ErrorMessage>();
    }

    private async Task<(Sha256 Model, ModelProofState State)> ProofAsync()
    {
        var proof = Assert.Single((await Grain.GetStatus())!.ModelProofs);
        return (proof.Model, proof.State);
    }

    private async Task<T> NextAsync<T>()
        where T : NodeMessage
    {
        while (await TestNode.ReceiveAsync(_socket) is { } message)
        {
            if (message is T expected)
            {
                return expected;
            }
        }

        throw new InvalidOperationException("The silo closed the session.");
    }

    private static ReplicaRequest Want(int number, BlobRef model)
    {
        var wish = Wishes.Want(number, shard: number);
        return wish with { Order = wish.Order with { Work = wish.Order.Work with { ModelFile = model } } };
    }
}
