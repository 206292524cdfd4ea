using System.Net.WebSockets;
using System.Text.Json;
using PiGrid.Protocol;
using PiGrid.Silo.Gateway;

namespace PiGrid.Tests.Silo;

/// <summary>Blobs that follow an assignment as binary messages.</summary>
public sealed class AttachmentsTests
{
    [Fact]
    public void Detach_TakesWhatIsLarge_AndLeavesTheRest()
    {
        byte[] small = [1, 2, 3], large = new byte[5_000], larger = new byte[600_000];

        var (message, attached) = Attachments.Detach(Assign(large, small, larger));

        var assign = Assert.IsType<AssignMessage>(message);
        Assert.Equal([small], assign.Assignment.Inline);
        Assert.Equal([large.Length, larger.Length], assign.Attached!);
        Assert.Equal([large, larger], attached);
    }

    [Fact]
    public void Detach_WhereNothingIsLarge_ChangesNothing()
    {
        NodeMessage[] messages = [Assign([1, 2, 3]), Assign(), new ConfigMessage(1, false)];
        Assert.All(messages, message => Assert.Equal((message, (IReadOnlyList<byte[]>)[]), Attachments.Detach(message)));
    }

    [Fact]
    public void Detach_WhenThereAreMoreThanMayFollow_LeavesTheRestInside()
    {
        var (message, attached) = Attachments.Detach(Assign([.. Enumerable.Range(0, NodeProtocol.AttachedMax + 2).Select(_ => new byte[4_096])]));
        Assert.Equal(NodeProtocol.AttachedMax, attached.Count);
        Assert.Equal(2, Assert.IsType<AssignMessage>(message).Assignment.Inline.Count);
    }

    [Fact]
    public async Task Queue_SendsWhatFollows_RightAfterItsMessage()
    {
        using var socket = new RecordingSocket();
        var queue = new SendQueue(socket, new GatewayOptions(), TimeProvider.System);
        byte[] first = new byte[10], second = new byte[20];
        Assert.True(queue.TrySend(Assign(), first, second));
        Assert.True(queue.TrySend(new ConfigMessage(1, false)));
        queue.Close(WebSocketCloseStatus.NormalClosure, "done");

        await queue.RunAsync(CancellationToken.None);

        Assert.Equal(
            [WebSocketMessageType.Text, WebSocketMessageType.Binary, WebSocketMessageType.Binary, WebSocketMessageType.Text], socket.Sent.Select(s => s.Type));
        Assert.Equal([10, 20], socket.Sent.Where(s => s.Type == WebSocketMessageType.Binary).Select(s => s.Length));
    }

    [Fact]
    public void Queue_CountsWhatFollows()
    {
        using var socket = new RecordingSocket();
        var queue = new SendQueue(socket, new GatewayOptions { SendQueueBytesMax = 2 << 20 }, TimeProvider.System);
        Assert.True(queue.TrySend(Assign(), new byte[1 << 20]));
        Assert.False(queue.TrySend(Assign(), new byte[1 << 20]));
        Assert.True(queue.TrySend(Assign()));
    }

    private static AssignMessage Assign(params byte[][] inline)
    {
        // The example of the protocol's document, which has an assignment whole.
        var assign = (AssignMessage)JsonSerializer.Deserialize<NodeMessage>(NodeAgent.ProtocolDocumentTests.Examples["assign"], GridJson.Wire)!;
        return new(assign.Assignment with { Inline = inline });
    }
}
