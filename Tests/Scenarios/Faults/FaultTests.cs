namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>
/// A slice of the soak (<c>Tests/Benchmarks</c>, <c>soak</c>): every kind of fault, at every step of a job's life, against real processes. No accepted
/// job is lost, no shard accepted twice, every result has a receipt that holds, and all work ends once the faults stop.
/// </summary>
[Collection(RealProcesses.Name)]
public sealed class FaultTests(FaultGridFixture fixture) : IClassFixture<FaultGridFixture>
{
    [LinuxTheory]
    [InlineData(nameof(FaultKind.KillSilo), Moments.Submitted, "assign", "result", Moments.ShardAccepted)]
    [InlineData(nameof(FaultKind.KillAgent), "assign", "accept", "result")]
    [InlineData(nameof(FaultKind.FreezeSilo), "result", "assign")]
    [InlineData(nameof(FaultKind.FreezeAgent), "accept", Injector.AnyTime)]
    [InlineData(nameof(FaultKind.Cut), "result", "assign", "accept", Injector.AnyTime)]
    [InlineData(nameof(FaultKind.HalfOpen), "result", "accept", Injector.AnyTime)]
    [InlineData(nameof(FaultKind.Delay), "assign", Injector.AnyTime)]
    [InlineData(nameof(FaultKind.Duplicate), "assign", "result", Injector.AnyTime)]
    [InlineData(nameof(FaultKind.DiskFull), Moments.Submitted, "result", Moments.ShardAccepted)]
    public async Task Grid_WhenItIsHarmed_LosesNothingAndEndsAllWork(string kind, params string[] moments)
    {
        var seed = Random.Shared.Next();

        var outcome = await fixture.RunAsync(moments.Select(m => (Enum.Parse<FaultKind>(kind), m)), seed);

        Assert.True(outcome.Violations.Count == 0, $"seed {seed}, logs in {fixture.KeepLogs()}: {string.Join(Environment.NewLine, outcome.Violations)}");
        Assert.True(outcome.Jobs > 0);
    }
}

/// <summary>A theory that reads <c>/proc</c> and sends signals.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute() => Skip = OperatingSystem.IsLinux() ? null : "it reads /proc, which is Linux's";
}

/// <summary>One grid to be harmed by all tests of a class, and nothing left of it afterwards.</summary>
public sealed class FaultGridFixture : IAsyncLifetime, IDisposable
{
    private const int Volunteers = 4;

    private readonly string _folder = Directory.CreateTempSubdirectory("pigrid-faults-").FullName;
    private readonly Witness _witness = new();
    private FaultGrid? _grid;
    private Injector? _injector;
    private bool _keep;

    public async Task InitializeAsync()
    {
        if (OperatingSystem.IsLinux())
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            _grid = await FaultGrid.StartAsync(_folder, Volunteers, limit.Token);
            _injector = new(_grid, _witness);
        }
    }

    public async Task DisposeAsync()
    {
        var processes = ProcessTree.Below(Environment.ProcessId);
        if (_grid is not null)
        {
            await _grid.DisposeAsync();
            Assert.Empty(await processes.WaitForEndAsync(TimeSpan.FromSeconds(20)));
        }

        if (!_keep)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    public void Dispose() => _injector?.Dispose();

    /// <summary>Runs an episode.</summary>
    internal Task<EpisodeOutcome> RunAsync(IEnumerable<(FaultKind Kind, string Moment)> plan, int seed) =>
        new Episode(_grid!, _injector!, new Random(seed)).RunAsync([.. plan], _witness, _ => { });

    /// <summary>Keeps the logs after the test; returns where.</summary>
    internal string KeepLogs()
    {
        _keep = true;
        return _grid!.Logs;
    }
}
