using System.Net.WebSockets;
using PiGrid.NodeAgent.Session;
using PiGrid.Protocol;
using PiGrid.Silo.Gateway;
using PiGrid.Tests.NodeAgent;

namespace PiGrid.Tests.Silo;

/// <summary>Both sides of a node's connection send on the thread of whoever queues a message, where none is being sent.</summary>
public sealed class SendQueueTests
{
    private static readonly ConfigMessage Message = new(1, false);
    private static readonly WelcomeMessage Welcome = new() { Session = Guid.NewGuid(), HeartbeatMs = 1_000, InlineOutputBytesMax = 1, Stop = [] };

    [Fact]
    public Task Message_OnAQueueThatIsIdle_IsSentByWhoQueuesIt() => Task.Run(async () =>
    {
        var by = 0;
        using var socket = new RecordingSocket(() =>
        {
            by = Environment.CurrentManagedThreadId;
            return Task.CompletedTask;
        });
        var queue = new SendQueue(socket, new GatewayOptions(), TimeProvider.System);
        var running = queue.RunAsync(CancellationToken.None);

        Assert.True(queue.TrySend(Message));

        Assert.Equal(Environment.CurrentManagedThreadId, by);
        queue.Close(WebSocketCloseStatus.NormalClosure, "done");
        await running.WaitAsync(Patience.Limit);
    });

    /// <summary>A grain's context takes no more work when the grain is gone; what is being sent must not go on in it.</summary>
    [Fact]
    public async Task Messages_QueuedInAContextThatEnds_AreAllSent()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var socket = new RecordingSocket(() => held.Task);
        var queue = new SendQueue(socket, new GatewayOptions(), TimeProvider.System);
        var running = Task.CompletedTask;
        await Task.Run(() => { running = queue.RunAsync(CancellationToken.None); });
        var context = new ConcurrentExclusiveSchedulerPair();
        await Task.Factory.StartNew(
            () =>
            {
                queue.TrySend(Message);
                queue.TrySend(Message);
            },
            CancellationToken.None, TaskCreationOptions.None, context.ExclusiveScheduler);
        context.Complete();
        await context.Completion.WaitAsync(Patience.Limit);

        held.SetResult();
        queue.Close(WebSocketCloseStatus.NormalClosure, "done");

        await running.WaitAsync(Patience.Limit);
        Assert.Equal(2, socket.Sent.Count);
    }

    [Fact]
    public Task Queue_WhoseSocketBreaks_EndsElsewhereThanInWhoQueued() => EndsElsewhere(socket =>
    {
        var queue = new SendQueue(socket, new GatewayOptions(), TimeProvider.System);
        return (() => queue.RunAsync(CancellationToken.None), () => queue.TrySend(Message));
    });

    [Fact]
    public Task Outbox_WhoseSocketBreaks_EndsElsewhereThanInWhoQueued() => EndsElsewhere(socket =>
    {
        var outbox = new Outbox();
        return (() => outbox.RunAsync(socket, Welcome, () => { }, CancellationToken.None), () => outbox.TrySend(new GoodbyeMessage("bye")));
    });

    /// <summary>What follows the end of a session must not run in the midst of a grain, or under a lock of the agent's.</summary>
    private static async Task EndsElsewhere(Func<WebSocket, (Func<Task> Run, Func<bool> Send)> make)
    {
        using var socket = new RecordingSocket(() => Task.FromException(new WebSocketException("broken")));
        var (run, send) = make(socket);
        var (queuing, ending) = (0, 0);
        Task? ended = null;

        // A thread of its own is none that the end could go on in later.
        var thread = new Thread(() =>
        {
            queuing = Environment.CurrentManagedThreadId;
            ended = EndAsync();
            Assert.True(send());
        });
        thread.Start();
        thread.Join();

        await Assert.ThrowsAsync<WebSocketException>(() => ended!.WaitAsync(Patience.Limit));
        Assert.NotEqual(0, ending);
        Assert.NotEqual(queuing, ending);

        async Task EndAsync()
        {
            try
            {
                await run();
            }
            finally
            {
                ending = Environment.CurrentManagedThreadId;
            }
        }
    }
}
