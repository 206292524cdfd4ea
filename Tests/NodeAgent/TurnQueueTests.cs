using PiGrid.NodeAgent.Work;
using PiGrid.Tests.Verification;

namespace PiGrid.Tests.NodeAgent;

/// <summary>Whose turn it is to use a worker.</summary>
public class TurnQueueTests
{
    private static readonly Sha256 Model = Sha256.Of([1]), Other = Sha256.Of([2]);

    [Fact]
    public async Task Turns_WhenAllSlotsAreTaken_ComeInOrder()
    {
        var queue = new TurnQueue(() => 1, bytesMax: 100);
        await queue.EnterAsync(Call(Model), default);
        var (second, third) = (queue.EnterAsync(Call(Model), default), queue.EnterAsync(new Turn(), default));
        Assert.Equal((2, false, false), (queue.Waiting, second.IsCompleted, third.IsCompleted));

        queue.Leave();
        Assert.Empty((await second)!);
        Assert.False(third.IsCompleted);
        queue.Leave();

        Assert.Empty((await third)!);
        Assert.Equal(0, queue.Waiting);
    }

    [Fact]
    public async Task Calls_WhenTheirModelAllowsIt_GoTogether()
    {
        var queue = new TurnQueue(() => 1, bytesMax: 100);
        queue.Learn(Model, 3);
        await queue.EnterAsync(new Turn(), default);
        Turn[] calls = [Call(Model), Call(Other), Call(Model), Call(Model), Call(Model)];
        var entered = calls.Select(c => queue.EnterAsync(c, default)).ToArray();

        queue.Leave();

        Assert.Equal([calls[2], calls[3]], await entered[0]);
        Assert.Null(await entered[2]);
        Assert.Null(await entered[3]);
        Assert.False(entered[1].IsCompleted || entered[4].IsCompleted);
        queue.Leave();
        Assert.Empty((await entered[1])!);
        queue.Leave();
        Assert.Empty((await entered[4])!);
    }

    [Fact]
    public async Task Calls_WhenThereAreSeveralSlots_ShareThem()
    {
        var queue = new TurnQueue(() => 2, bytesMax: 100);
        queue.Learn(Model, 16);
        await queue.EnterAsync(new Turn(), default);
        await queue.EnterAsync(new Turn(), default);
        Turn[] calls = [Call(Model), Call(Model), Call(Model), Call(Model), Call(Model)];
        var entered = calls.Select(c => queue.EnterAsync(c, default)).ToArray();

        queue.Leave();
        queue.Leave();

        Assert.Equal([calls[1], calls[2]], await entered[0]);
        Assert.Empty((await entered[3])!);
        Assert.False(entered[4].IsCompleted);
    }

    [Fact]
    public async Task Calls_WhenTheirInputsAreLarge_GoAlone()
    {
        var queue = new TurnQueue(() => 1, bytesMax: 100);
        queue.Learn(Model, 16);
        await queue.EnterAsync(new Turn(), default);
        Turn[] calls = [Call(Model, 40), Call(Model, 40), Call(Model, 40)];
        var entered = calls.Select(c => queue.EnterAsync(c, default)).ToArray();

        queue.Leave();

        Assert.Equal([calls[1]], await entered[0]);
        Assert.False(entered[2].IsCompleted);
    }

    [Fact]
    public async Task Turn_WhenItIsWantedNoLonger_LeavesTheQueue()
    {
        var queue = new TurnQueue(() => 1, bytesMax: 100);
        await queue.EnterAsync(new Turn(), default);
        using var cancel = new CancellationTokenSource();
        var (given, next) = (queue.EnterAsync(Call(Model), cancel.Token), queue.EnterAsync(Call(Model), default));

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        queue.Leave();

        Assert.Empty((await next)!);
    }

    /// <summary>A worker that has answered gets its next input from the very thread that read the answer.</summary>
    [Fact]
    public Task Next_GoesOnAtOnce_OnTheThreadThatLeaves() => Task.Run(() =>
    {
        var queue = new TurnQueue(() => 1, bytesMax: 100);
        queue.TryEnter();
        var went = 0;
        _ = GoAsync();

        queue.Leave();

        Assert.Equal(Environment.CurrentManagedThreadId, went);

        async Task GoAsync()
        {
            await queue.EnterAsync(Call(Model), default);
            went = Environment.CurrentManagedThreadId;
        }
    });

    [Fact]
    public Task Turns_ThatAllLeaveAtOnce_NeedNoMoreStackThanThereIs() => Task.Run(async () =>
    {
        var queue = new TurnQueue(() => 1, bytesMax: 100);
        queue.TryEnter();
        var all = Enumerable.Range(0, 20_000).Select(_ => GoAsync()).ToArray();

        queue.Leave();

        await Task.WhenAll(all).WaitAsync(Patience.Limit);

        async Task GoAsync()
        {
            await queue.EnterAsync(Call(Model), default);
            queue.Leave();
        }
    });

    /// <summary>Whatever happens, no more run at once than there are slots, and everybody gets a turn or is taken along exactly once.</summary>
    [Fact]
    public void Turns_InAnyOrderOfEvents_KeepTheSlotsAndForgetNobody() => Dice.Check(200, dice =>
    {
        var slots = 1 + dice.Below(3);
        var queue = new TurnQueue(() => slots, bytesMax: 20);
        queue.Learn(Model, 1 + dice.Below(4));
        var (waiting, running, taken, entered) = (new List<(Turn Turn, Task<IReadOnlyList<Turn>?> Come)>(), 0, new HashSet<Turn>(), 0);
        for (var i = 0; i < 60; i++)
        {
            if (dice.Once(2))
            {
                var turn = dice.Once(4) ? new Turn() : Call(dice.OneOf(Model, Other), 1 + dice.Below(12));
                waiting.Add((turn, queue.EnterAsync(turn, default)));
                entered++;
            }
            else if (running > 0)
            {
                running--;
                queue.Leave();
            }

            Heed();
        }

        while (running > 0)
        {
            running--;
            queue.Leave();
            Heed();
        }

        Assert.Equal((0, entered), (queue.Waiting, taken.Count));

        void Heed()
        {
            // Whoever has the turn goes on in the test's context, which may be a little later.
            Assert.True(SpinWait.SpinUntil(() => waiting.Count(w => !w.Come.IsCompleted) == queue.Waiting, TimeSpan.FromSeconds(10)));
            foreach (var (turn, come) in waiting.Where(w => w.Come.IsCompleted).ToArray())
            {
                waiting.RemoveAll(w => w.Turn == turn);
                if (come.Result is { } along)
                {
                    running++;
                    Assert.True(taken.Add(turn));
                    Assert.All(along, other => Assert.True(taken.Add(other) && other.Model == turn.Model && other.Model is not null));
                }
            }

            Assert.InRange(running, 0, slots);
            Assert.Equal(waiting.Count, queue.Waiting);
        }
    });

    private static Turn Call(Sha256 model, int bytes = 1) => new(model, new byte[bytes]);
}
