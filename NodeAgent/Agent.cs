using System.Net.Http.Headers;
using Microsoft.Extensions.Logging.Abstractions;
using PiGrid.NodeAgent.Cache;
using PiGrid.NodeAgent.Faults;
using PiGrid.NodeAgent.Identity;
using PiGrid.NodeAgent.Preferences;
using PiGrid.NodeAgent.Probing;
using PiGrid.NodeAgent.Session;
using PiGrid.NodeAgent.Work;
using PiGrid.NodeAgent.Workers;

namespace PiGrid.NodeAgent;

/// <summary>The agent: puts the parts together, starts them in the order that gets a node ready soonest, and ends them politely.</summary>
internal sealed partial class Agent : IAsyncDisposable
{
    private static readonly TimeSpan BenchmarkTime = TimeSpan.FromMilliseconds(20);

    private readonly AgentSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly GridAddress _address;
    private readonly AgentFolder _folder;
    private readonly NodeKey _key;
    private readonly PreferencesFile _preferences;
    private readonly WorkerPool _workers;
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _leave = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Agent(AgentSettings settings, GridAddress address, AgentFolder folder, TimeProvider time, ILoggerFactory loggers)
    {
        (_settings, _address, _folder, _time) = (settings, address, folder, time);
        _logger = loggers.CreateLogger("Agent");
        _key = NodeKey.LoadOrCreate(folder.KeyFile);
        _preferences = PreferencesFile.Open(settings.Preferences ?? folder.PreferencesFile, _logger);
        var cpus = settings.Slots ?? (_preferences.Current.CpusMax is > 0 and var most ? Math.Min(most, Machine.Cores) : Machine.Cores);
        _workers = new(
            new WorkerOptions
            {
                Program = settings.WorkerProgram ?? WorkerEnvironment.ThisProgram(),
                WorkFolder = folder.WorkFolder,
                Slots = cpus,
                Spares = Math.Min(cpus, 2),
            },
            time,
            loggers.CreateLogger("Workers"));
        _http = new(new SocketErrors(new SocketsHttpHandler { UseProxy = !address.IsLoopback, ConnectTimeout = TimeSpan.FromSeconds(15) })) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("PiGrid.NodeAgent", AgentVersion.Text));
    }

    /// <summary>Ends when the first session is open.</summary>
    public Task Connected => _connected.Task;

    /// <summary>The leases; null until the node is enrolled.</summary>
    public LeaseDesk? Desk { get; private set; }

    /// <summary>The worker processes.</summary>
    public WorkerPool Workers => _workers;

    /// <summary>Opens the data folder and makes the parts; starts nothing.</summary>
    /// <exception cref="AgentException">The settings, the folder or the preferences cannot be used.</exception>
    public static Agent Create(AgentSettings settings, TimeProvider time, ILoggerFactory loggers)
    {
        var address = GridAddress.Parse(settings.Grid, settings.Insecure);
        FaultInjector.Check(settings.Fault, address);
        var folder = AgentFolder.Open(settings.Data);
        try
        {
            return new(settings, address, folder, time, loggers);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Runs until told to stop, then finishes what is held.</summary>
    /// <param name="stop">Asks for the end.</param>
    /// <exception cref="AgentException">The grid will never take this node.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        Starting(AgentVersion.Text, AgentVersion.Engine, _key.Node.Value, _address.ToString());

        // Workers take longest, so they start first; enrolling and measuring happen meanwhile.
        var probing = _workers.ProbeAsync(ProviderChoice.ToTry(_preferences.Current.Providers), stop);
        var (enrolment, standing) = await PrepareAsync(stop);
        var (library, probes) = await probing;
        Report(standing.Choose(library, probes), probes);
        if (!probes.Any(p => p.Usable))
        {
            var reason = probes.FirstOrDefault(p => p.Name == "cpu")?.Reason;
            throw new AgentException(ExitCode.Failed, $"No work can run here, not even on the processor: {reason} Install the agent again, with the native libraries beside it.");
        }

        _workers.Fill();
        await RehearseAsync(standing, stop);
        var (link, desk) = Connect(enrolment, standing);
        Desk = desk;
        _ = link.Connected.ContinueWith(_ => _connected.TrySetResult(), TaskScheduler.Default);
        var linked = link.RunAsync(_leave.Token);
        await Task.WhenAny(linked, WaitAsync(stop));
        if (!linked.IsCompleted)
        {
            await DrainAsync(standing, link, desk);
        }

        await linked;
        Stopped();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _leave.CancelAsync();
        await _workers.DisposeAsync();
        _http.Dispose();
        _key.Dispose();
        _folder.Dispose();
        _leave.Dispose();
    }

    private async Task RehearseAsync(AgentStanding standing, CancellationToken stop)
    {
        try
        {
            var rehearsal = new Rehearsal(_key, _address, standing, _workers, _folder.WorkFolder, _time, NullLogger.Instance);
            await rehearsal.PlayAsync(_workers.Options.Spares, stop);
        }
        catch (Exception e) when (e is LeaseFailedException or BlobUnavailableException or WorkerDiedException or IOException)
        {
            // Whether real work fails, too, is for real work to show.
            NotRehearsed(e.Message);
        }
    }

    private async Task<(EnrolmentRecord Enrolment, AgentStanding Standing)> PrepareAsync(CancellationToken stop)
    {
        var enrolment = EnrolmentRecord.Load(_folder.EnrolmentFile) ?? await EnrolAsync(pinned: null, stop);
        if (enrolment.Node != _key.Node)
        {
            throw new AgentException(
                ExitCode.FolderUnusable, $"'{_folder.EnrolmentFile}' is of node {enrolment.Node}, but the key beside it is of {_key.Node}. Put back the key, or remove the record to enrol as a new node.");
        }

        _cap = new(_time);
        _transport = new(_http, _address, _cap, _time);
        _cache = new(_folder.CacheFolder, _transport, _time, _logger);
        var standing = new AgentStanding(enrolment, _settings, _preferences, _cache, _cap, new LoadMeter(_time), _time)
        {
            Speed = Benchmark.Measure(BenchmarkTime, _time),
        };
        standing.Look([]);
        return (enrolment, standing);
    }

    private async Task<EnrolmentRecord> EnrolAsync(byte[]? pinned, CancellationToken stop)
    {
        var token = _settings.Token ?? throw new AgentException(
            ExitCode.BadUsage, "This node is not enrolled yet, so it needs a token from the grid's operator: give --token, --token-file or PIGRID_TOKEN.");
        var client = new EnrolClient(_http, _address, _key);
        for (var failures = 1; ; failures++)
        {
            try
            {
                var record = await client.EnrolAsync(token, _settings.Owner, pinned, stop);
                record.Save(_folder.EnrolmentFile);
                Enrolled(record.Node.Value, record.Owner.Value, record.Operator);
                return record;
            }
            catch (HttpRequestException e)
            {
                var wait = BackOff.Default.After(failures, Random.Shared.NextDouble());
                NotEnrolled(e.Message, wait.TotalSeconds);
                await Task.Delay(wait, _time, stop);
            }
        }
    }

    private async Task DrainAsync(AgentStanding standing, GridLink link, LeaseDesk desk)
    {
        standing.Stopping = true;
        link.BeatNow();
        Draining(desk.Working);
        try
        {
            await desk.Idle.WaitAsync(TimeSpan.FromSeconds(_preferences.Current.DrainSeconds), _time);
        }
        catch (TimeoutException)
        {
            desk.Abandon("the agent stops, and its time to finish is over");
        }

        await _leave.CancelAsync();
    }

    private static async Task WaitAsync(CancellationToken stop)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
        }
        catch (OperationCanceledException)
        {
            // It is time to stop.
        }
    }
}
