using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using PiGrid.NodeAgent;
using PiGrid.NodeAgent.Cache;
using PiGrid.NodeAgent.Faults;
using PiGrid.NodeAgent.Identity;
using PiGrid.NodeAgent.Preferences;
using PiGrid.NodeAgent.Probing;
using PiGrid.NodeAgent.Session;
using PiGrid.NodeAgent.Work;
using PiGrid.NodeAgent.Workers;
using PiGrid.Protocol;

namespace PiGrid.Tests.NodeAgent;

/// <summary>A node's desk with one real worker and a grid to fetch blobs from, without a session: what it says is read here, and a test may hold back its checks.</summary>
internal sealed class DeskBench : IOutbox, IAsyncDisposable
{
    private readonly HttpClient _http = new();
    private readonly DirectoryInfo _folder = Directory.CreateDirectory(AgentRun.NewFolder());
    private readonly NodeKey _key;
    private readonly WorkerPool _workers;
    private readonly TurnQueue _turns;
    private readonly ConcurrentQueue<(AgentMessage Message, int Waiting)> _said = new();
    private readonly ConcurrentQueue<Action> _checks = new();

    private DeskBench(ProtocolGrid grid, TimeProvider time, int slots)
    {
        _turns = new(() => slots, bytesMax: 1 << 20);
        Grid = grid;
        _key = NodeKey.LoadOrCreate(Path.Combine(_folder.FullName, "node.key"));
        var address = GridAddress.Parse(grid.Url, insecure: false);
        var transport = new BlobTransport(_http, address, new BandwidthCap(time), time);
        var cache = new BlobCache(_folder.CreateSubdirectory("cache").FullName, transport, time, NullLogger.Instance) { DiskReserveBytes = 0 };
        var preferences = PreferencesFile.Open(Path.Combine(_folder.FullName, "preferences.json"), NullLogger.Instance);
        var enrolment = new EnrolmentRecord { Grid = grid.Url, GridKey = grid.PublicKey, Node = _key.Node, Owner = OwnerId.FromBytes(new byte[16]), Operator = false };
        var settings = new AgentSettings { Grid = grid.Url, Data = _folder.FullName, Slots = slots };
        var standing = new AgentStanding(enrolment, settings, preferences, cache, new BandwidthCap(time), new LoadMeter(time), time);
        _workers = new(new() { Program = AgentRun.WorkerProgram, WorkFolder = _folder.CreateSubdirectory("work").FullName, Slots = slots }, TimeProvider.System, NullLogger.Instance);
        Results = new(_folder.CreateSubdirectory("results").FullName, time, NullLogger.Instance);
        var run = new LeaseRun(
            new ShardRunner(_workers, _turns, new(time), NullLogger.Instance), cache, Results, _key, standing, new FaultInjector(Fault.None, time), this, time, NullLogger.Instance);
        Desk = new(run, Results, new ResultSender(Results, transport, this, time, NullLogger.Instance), this, standing, time, NullLogger.Instance)
        {
            Beside = check =>
            {
                if (HoldsChecks)
                {
                    _checks.Enqueue(check);
                }
                else
                {
                    Task.Run(check);
                }
            },
        };
    }

    public ProtocolGrid Grid { get; }

    public LeaseDesk Desk { get; }

    public ResultStore Results { get; }

    public NodeId Node => _key.Node;

    public byte[] PublicKey => _key.PublicKey;

    /// <summary>Whether checks beside the work wait until the test wants them.</summary>
    public bool HoldsChecks { get; set; }

    public WelcomeMessage Welcome { get; } = new() { Session = Guid.NewGuid(), HeartbeatMs = 10_000, InlineOutputBytesMax = 1 << 18, Stop = [] };

    /// <summary>A desk whose worker has the model of <see cref="Call"/> loaded.</summary>
    public static async Task<DeskBench> StartAsync(TimeProvider? time = null, int slots = 1)
    {
        var bench = new DeskBench(await ProtocolGrid.StartAsync(), time ?? TimeProvider.System, slots);
        bench.Desk.Take(bench.Call(0));
        await bench.Desk.Idle.WaitAsync(Patience.Limit);
        Assert.IsType<ResultMessage>(bench.Said()[^1]);
        return bench;
    }

    /// <summary>A call of a model that adds, with its input.</summary>
    public Assignment Call(float first, ECDsa? signer = null)
    {
        var input = Works.Floats(("a", [first, 1]), ("b", [1, 1]));
        return Grid.AssignCall(Works.Order(Grid, Works.Add(Grid), input), _key.Node, signer, input);
    }

    /// <inheritdoc/>
    public bool TrySend(AgentMessage message)
    {
        _said.Enqueue((message, _turns.Waiting));
        return true;
    }

    /// <summary>What was said since the last time.</summary>
    public IReadOnlyList<AgentMessage> Said() => [.. SaidWhile().Select(said => said.Message)];

    /// <summary>What was said since the last time, and how many waited for a worker then.</summary>
    public IReadOnlyList<(AgentMessage Message, int Waiting)> SaidWhile()
    {
        List<(AgentMessage, int)> all = [];
        while (_said.TryDequeue(out var said))
        {
            all.Add(said);
        }

        return all;
    }

    /// <summary>Waits until the worker has answered whatever it was asked.</summary>
    public async Task AnsweredAsync()
    {
        await _turns.EnterAsync(new Turn(), CancellationToken.None).WaitAsync(Patience.Limit);
        _turns.Leave();
    }

    /// <summary>Takes the worker's turn, until disposed.</summary>
    public async Task<IDisposable> BusyAsync()
    {
        await _turns.EnterAsync(new Turn(), CancellationToken.None).WaitAsync(Patience.Limit);
        return new BlobUse(_turns.Leave);
    }

    /// <summary>Does the one check that is held back.</summary>
    public void Check()
    {
        Assert.True(_checks.TryDequeue(out var check));
        check!();
        Assert.Empty(_checks);
    }

    public async ValueTask DisposeAsync()
    {
        await _workers.DisposeAsync();
        await Grid.DisposeAsync();
        _http.Dispose();
        _key.Dispose();
        _folder.Delete(recursive: true);
    }
}
