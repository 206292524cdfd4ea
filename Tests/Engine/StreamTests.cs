using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace PiGrid.Tests.Engine;

[Alias("PiGrid.Tests.IListener")]
public interface IListener : IGrainObserver
{
    [Alias("Told")]
    void Told(string text);

    [Alias("Asked")]
    Task<int> Asked(Parcel parcel);

    [OneWay, Alias("Hinted")]
    Task Hinted(string text);
}

[Alias("PiGrid.Tests.IStreamGrain")]
public interface IStreamGrain : IGrainWithStringKey
{
    [Alias("Count")]
    IAsyncEnumerable<int> Count(int count);

    [Alias("FailAt")]
    IAsyncEnumerable<Letter> FailAt(int count, Letter letter);

    [Alias("Endless")]
    IAsyncEnumerable<int> Endless(string gate, CancellationToken cancellationToken = default);

    [Alias("Listen")]
    Task Listen(IListener listener);

    [Alias("Tell")]
    Task Tell(string text);

    [Alias("Ask")]
    Task<int> Ask(Parcel parcel);

    [Alias("Retire")]
    Task Retire();
}

public sealed class StreamGrain : Grain, IStreamGrain
{
    private IListener? _listener;

    public async IAsyncEnumerable<int> Count(int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (i % 7 == 0)
            {
                await Task.Yield();
            }
            yield return i;
        }
    }

    public async IAsyncEnumerable<Letter> FailAt(int count, Letter letter)
    {
        for (var i = 0; i < count; i++)
        {
            yield return letter;
        }
        await Task.Yield();
        throw new GrainFailureException("end of the line", count);
    }

    public async IAsyncEnumerable<int> Endless(
        string gate, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            yield return 1;
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            Gates.Open(gate);
        }
    }

    public Task Listen(IListener listener)
    {
        _listener = listener;
        return Task.CompletedTask;
    }

    public Task Tell(string text)
    {
        _listener!.Told(text);
        return _listener.Hinted(text + "!");
    }

    public Task<int> Ask(Parcel parcel) => _listener!.Asked(parcel);

    public Task Retire()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

/// <summary>Streams and observers.</summary>
public abstract class StreamContract(EngineFixture engine, IClusterClient client)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000)]
    public async Task Stream_WhenRead_BringsEveryItemInOrder(int count)
    {
        var read = new List<int>();
        await foreach (var item in Fresh().Count(count))
        {
            read.Add(item);
        }
        Assert.Equal(Enumerable.Range(0, count), read);
    }

    [Fact]
    public async Task Stream_WhenTheGrainFails_BringsTheItemsBeforeAndTheFailure()
    {
        var letter = new Letter(Guid.NewGuid(), DateTimeOffset.UnixEpoch, [], null, [1], new Circle("x", 1));
        var read = 0;
        var failure = await Assert.ThrowsAsync<GrainFailureException>(async () =>
        {
            await foreach (var item in Fresh().FailAt(5, letter))
            {
                Assert.Equal(letter.Id, item.Id);
                read++;
            }
        });
        Assert.Equal((5, 5), (read, failure.Code));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_WhenCancelledOrLeft_EndsTheGrainsEnumerator(bool cancel)
    {
        var gate = Gates.Fresh();
        using var stop = new CancellationTokenSource();
        var reading = async () =>
        {
            await foreach (var item in Fresh().Endless(gate).WithCancellation(stop.Token))
            {
                Assert.Equal(1, item);
                if (!cancel)
                {
                    return;
                }
                stop.CancelAfter(50);
            }
        };
        if (cancel)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(reading);
        }
        else
        {
            await reading();
        }
        await Gates.Pass(gate);
    }

    [Fact]
    public async Task Stream_WhenTheGrainIsDeactivated_Aborts()
    {
        var (grain, gate) = (Fresh(), Gates.Fresh());
        await Assert.ThrowsAsync<EnumerationAbortedException>(async () =>
        {
            await foreach (var item in grain.Endless(gate))
            {
                await grain.Retire();
            }
        });
    }

    [Fact]
    public async Task Observer_WhenTheGrainCallsIt_RunsInTheClientUntilItIsDeleted()
    {
        var grain = Fresh();
        var listener = new Listener();
        var reference = client.CreateObjectReference<IListener>(listener);
        await grain.Listen(reference);
        await grain.Tell("hello");
        Assert.Equal(["hello", "hello!"], (await listener.Heard(2)).Order());
        Assert.Equal(3, await grain.Ask(new Parcel { Items = [1, 1, 1] }));

        client.DeleteObjectReference<IListener>(reference);
        await Assert.ThrowsAsync<TimeoutException>(() => grain.Ask(new Parcel()));
    }

    [Fact]
    public async Task Observer_WhenACallWaits_RunsTheNextAfterItAndOutsideOfItsGrain()
    {
        var (grain, gate) = (Fresh(), Gates.Fresh());
        var listener = new SlowListener();
        await grain.Listen(client.CreateObjectReference<IListener>(listener));
        await grain.Tell(gate);
        await Gates.Pass($"{gate}!in");

        // The observer has not returned from the call that waits, and still the grain answers. In which order two calls come is not promised.
        await grain.Tell("next");
        Assert.Equal($"{gate}!", listener.Begun.Last());
        Gates.Open($"{gate}!");
        await Gates.Pass($"{gate}!out");
        await listener.Ended.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(new[] { $"{gate}", $"{gate}!", "next", "next!" }.Order(), listener.Begun.Order());
        Assert.True(listener.RanOutside);
        GC.KeepAlive(listener);
    }

    private IStreamGrain Fresh()
    {
        Assert.NotNull(engine.Host);
        return client.GetGrain<IStreamGrain>(Gates.Fresh());
    }

    /// <summary>Holds its first hint until the gate of that name opens.</summary>
    private sealed class SlowListener : IListener
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _begun = new();

        public IEnumerable<string> Begun => _begun;

        /// <summary>Ends when all four calls have begun.</summary>
        public Task Ended => _ended.Task;

        public bool RanOutside { get; private set; } = true;

        public void Told(string text) => Begin(text);

        public Task<int> Asked(Parcel parcel) => Task.FromResult(0);

        public async Task Hinted(string text)
        {
            Begin(text);
            if (text == "next!")
            {
                return;
            }

            Gates.Open(text + "in");
            await Gates.Pass(text);
            RanOutside &= TaskScheduler.Current == TaskScheduler.Default;
            Gates.Open(text + "out");
        }

        private void Begin(string text)
        {
            RanOutside &= TaskScheduler.Current == TaskScheduler.Default;
            _begun.Enqueue(text);
            if (_begun.Count == 4)
            {
                _ended.SetResult();
            }
        }
    }

    private sealed class Listener : IListener
    {
        private readonly System.Threading.Channels.Channel<string> _heard = System.Threading.Channels.Channel.CreateUnbounded<string>();

        public async Task<List<string>> Heard(int count)
        {
            var heard = new List<string>();
            while (heard.Count < count)
            {
                heard.Add(await _heard.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
            }
            return heard;
        }

        public void Told(string text) => _heard.Writer.TryWrite(text);

        public Task<int> Asked(Parcel parcel) => Task.FromResult(parcel.Items.Count);

        public Task Hinted(string text)
        {
            _heard.Writer.TryWrite(text);
            return Task.CompletedTask;
        }
    }
}

public sealed class StreamTests(EngineFixture engine) : StreamContract(engine, engine.Client), IClassFixture<EngineFixture>;

public sealed class StreamThroughGatewayTests(EngineFixture engine)
    : StreamContract(engine, engine.Remote), IClassFixture<EngineFixture>;
