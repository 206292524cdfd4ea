using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using PiGrid.Grains.Time;

namespace PiGrid.Tests.Silo;

/// <summary>The machine's clock is set, forwards and back, while jobs run: nothing stands still, and nobody is blamed.</summary>
public sealed class ClockJumpTests : IAsyncLifetime, IDisposable
{
    private const int Inputs = 6;

    private readonly SettableClock _clock = new();
    private readonly SemaphoreSlim _working = new(0);
    private readonly SemaphoreSlim _mayFinish = new(0);
    private readonly List<TestWorker> _workers = [];
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(services => services.AddSingleton<TimeProvider>(new SteadyTime(_clock)), "--Jobs:ShardInputsMax=1", "--Jobs:AskAgain=00:00:01");
        await using (await TestWorker.StartAsync(_silo, _silo.Bootstrap.OperatorNodeToken))
        {
            await DigestModel.PublishAsync(_silo);
        }

        for (var i = 0; i < 2; i++)
        {
            _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.EnrolmentToken!, input =>
            {
                _working.Release();
                _mayFinish.Wait(TimeSpan.FromSeconds(20));
                return TestWorker.Honest(input);
            }));
        }
    }

    public async Task DisposeAsync()
    {
        _mayFinish.Release(1_000);
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        await _silo.DisposeAsync();
    }

    public void Dispose()
    {
        _working.Dispose();
        _mayFinish.Dispose();
    }

    [Theory]
    [InlineData(-24)]
    [InlineData(24)]
    public async Task Job_WhenTheClockIsSetMeanwhile_EndsWithEveryResult(int hours)
    {
        var id = NewId.Job();
        using var submitted = await DigestModel.SubmitAsync(_silo, id, VerificationPolicy.Quorum(2), [.. Enumerable.Range(0, Inputs).Select(i => new[] { (byte)i })]);
        submitted.EnsureSuccessStatusCode();
        Assert.True(await _working.WaitAsync(TimeSpan.FromSeconds(20)), "Nobody works on it.");
        Assert.True(await _working.WaitAsync(TimeSpan.FromSeconds(20)), "Only one works on it.");

        _clock.Set(TimeSpan.FromHours(hours));
        _mayFinish.Release(1_000);
        var job = await _silo.Http.GetFromJsonAsync<JobStatus>($"/api/jobs/{id}?wait_ms=30000", GridJson.Wire);

        Assert.Equal((JobState.Completed, 0), (job!.State, job.InputsFailed));
        Assert.InRange(job.FinishedAt!.Value, job.AcceptedAt, DateTimeOffset.MaxValue);
        foreach (var worker in _workers)
        {
            var tally = (await _silo.Grains.GetGrain<INodeGrain>(worker.Node.Value).GetStatus())!.Tally;
            Assert.Equal((0, 0, 0), (tally.Wrong, tally.Invalid, tally.Failed));
        }
    }

    /// <summary>The machine's clock as its owner sets it; timers and elapsed time go on as they are.</summary>
    private sealed class SettableClock : TimeProvider
    {
        private long _ahead;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ahead));

        public void Set(TimeSpan ahead) => Interlocked.Exchange(ref _ahead, ahead.Ticks);
    }
}
