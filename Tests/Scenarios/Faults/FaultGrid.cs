using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using PiGrid.Api;
using PiGrid.Client;
using PiGrid.Models;

namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>
/// A grid of built programs to be harmed: one silo, an operator's node and volunteers' nodes with one slot and an owner each. Every party, the
/// requester too, reaches the silo through a proxy of its own.
/// </summary>
internal sealed class FaultGrid : IHarmedGrid, IAsyncDisposable
{
    // Short times, so that a second is long for this grid; and more replicas for a shard than anybody needs where nodes are not harmed all the time.
    private static readonly string[] SiloSettings =
    [
        "--Nodes:Heartbeat=00:00:00.500", "--Nodes:AcceptTimeout=00:00:02", "--Nodes:LeaseDuration=00:00:20", "--Nodes:InlineBlobBytesMax=4096",
        "--Nodes:InlineOutputBytesMax=1024", "--Nodes:ResultResendMax=00:00:05", "--Jobs:DisconnectGrace=00:00:00.500", "--Jobs:AskAgain=00:00:01",
        "--Jobs:Checkpoint=00:00:03", "--Jobs:ReplicasPerShardMax=64", "--Jobs:InlineOutputBytesMax=2048",
        "--Gateway:HandshakeTimeout=00:00:03", "--Logging:LogLevel:Default=Information",
    ];

    private static readonly Dictionary<string, string> Environment = new()
    {
        // Many processes share this machine: quick start and little memory count for more than peak speed.
        ["DOTNET_TieredPGO"] = "0",
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_gcConcurrent"] = "0",

        // The runtime maps its code through a large file otherwise, which a limit on the size of files would refuse.
        ["DOTNET_EnableWriteXorExecute"] = "0",
    };

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);
    private static readonly GridClientOptions ClientOptions = new() { RetriesMax = 3, CallTimeout = TimeSpan.FromSeconds(10), LongPoll = TimeSpan.FromSeconds(5) };

    private readonly string _folder;
    private readonly List<GridNode> _nodes = [];
    private readonly ConcurrentDictionary<string, string> _seen = new();
    private readonly FaultProxy _door;
    private Bootstrap? _bootstrap;

    private readonly string[] _more;

    private FaultGrid(string folder, string[] more)
    {
        (_folder, _more) = (folder, more);
        _door = new FaultProxy(Moments.Happened);
    }

    /// <summary>The steps of jobs as they happen.</summary>
    public Moments Moments { get; } = new();

    /// <summary>The silo's process.</summary>
    public GridProcess Silo { get; private set; } = null!;

    /// <summary>The volunteers' nodes; the operator's is never harmed, as the model is published once.</summary>
    public IReadOnlyList<GridNode> Volunteers => [.. _nodes.Where(n => n.Name != "operator")];

    /// <summary>The requester's way to the silo.</summary>
    public FaultProxy RequesterProxy => _door;

    /// <summary>The requester's client.</summary>
    public GridClient Client { get; private set; } = null!;

    /// <summary>The grid's public key.</summary>
    public byte[] GridKey { get; private set; } = [];

    /// <summary>The model.</summary>
    public ModelRef Model { get; private set; }

    /// <summary>Where every process's output goes.</summary>
    public string Logs => Path.Combine(_folder, "logs");

    /// <summary>Starts everything and publishes the model.</summary>
    /// <param name="folder">Where all data and logs go.</param>
    /// <param name="volunteers">How many volunteers' nodes there are.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="more">Settings of the silo that come before the grid's own.</param>
    public static async Task<FaultGrid> StartAsync(string folder, int volunteers, CancellationToken cancellationToken, params string[] more)
    {
        var grid = new FaultGrid(folder, more);
        try
        {
            await grid.StartSiloAsync();
            grid.Client = new GridClient(grid._door.Url, grid._bootstrap!.OperatorKey, ClientOptions);
            grid.GridKey = (await grid.Client.GetGridAsync(cancellationToken)).GridKey;
            grid.AddNode("operator", grid._bootstrap.OperatorNodeToken);
            for (var i = 1; i <= volunteers; i++)
            {
                grid.AddNode($"volunteer-{i}", grid._bootstrap.EnrolmentToken!);
            }

            await grid.PublishAsync(cancellationToken);
            await grid.UntilOnlineAsync(cancellationToken);
            return grid;
        }
        catch
        {
            await grid.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a silo on the grid's folder and leads everybody to it.</summary>
    /// <exception cref="InvalidOperationException">It ended before it was ready.</exception>
    public async Task StartSiloAsync()
    {
        if (Silo is not null)
        {
            await Silo.DisposeAsync();
        }

        var data = Path.Combine(_folder, "silo");
        Silo = GridProcess.Start(
            "silo",
            "Silo",
            ["--data", data, "--urls", "http://127.0.0.1:0", .. SiloSettings.Where(s => !_more.Any(m => m.Split('=')[0] == s.Split('=')[0])), .. _more, $"--Silo:SiloPort={FreePort()}", $"--Silo:GatewayPort={FreePort()}"],
            Environment,
            Path.Combine(Logs, "silo.log"));
        var line = await Silo.Announced.WaitAsync(StartMax);
        var port = int.Parse(Regex.Match(line, "http://127\\.0\\.0\\.1:([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture);
        _bootstrap ??= JsonSerializer.Deserialize<Bootstrap>(await File.ReadAllBytesAsync(Path.Combine(data, "bootstrap.json")), GridJson.Wire)!;
        Lead(new IPEndPoint(IPAddress.Loopback, port));
    }

    /// <summary>Kills the silo.</summary>
    public async Task KillSiloAsync()
    {
        await Silo.KillAsync();
        Lead(null);
    }

    /// <summary>What ended by itself, with its last words.</summary>
    public IEnumerable<string> Casualties() => _nodes.Select(n => n.Process).Append(Silo)
        .Where(p => p.HasExited && !p.Killed).Select(p => $"The {p.Name} ended by itself: {p.Tail}");

    /// <summary>How each node last stood, for people.</summary>
    public IEnumerable<string> Standing() => _nodes.Select(n => $"{n.Name} keeps {n.ResultsKept} results, {_seen.GetValueOrDefault(n.Name, "never seen")}");

    /// <summary>Waits until every node is connected and takes work.</summary>
    public async Task UntilOnlineAsync(CancellationToken cancellationToken) =>
        await UntilNodesAsync(n => n.State == NodeState.Online, cancellationToken);

    /// <summary>Waits until every node is connected and holds no lease, and none keeps a result that it has no verdict for.</summary>
    public async Task UntilIdleAsync(CancellationToken cancellationToken)
    {
        await UntilNodesAsync(n => n.State == NodeState.Online && n.Leases.Count == 0, cancellationToken);
        while (_nodes.Exists(n => n.ResultsKept > 0))
        {
            await Task.Delay(LookAgain, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        if (Silo is not null)
        {
            await Silo.DisposeAsync();
        }

        Client?.Dispose();
        await _door.DisposeAsync();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void AddNode(string name, string token)
    {
        var node = new GridNode(name, token, Path.Combine(_folder, name), Path.Combine(Logs, $"{name}.log"), new FaultProxy(Moments.Happened), Environment);
        node.Proxy.Target = _door.Target;
        node.Start();
        _nodes.Add(node);
    }

    private void Lead(IPEndPoint? target)
    {
        _door.Target = target;
        _nodes.ForEach(n => n.Proxy.Target = target);
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        var folder = await CountingModel.LayOutAsync(Path.Combine(_folder, "model"), cancellationToken);
        await Client.PublishAsync(folder, cancellationToken);
        var ready = await Client.WaitForModelAsync(folder.Sealed.Ref, cancellationToken);
        Model = ready.State == ModelState.Ready ? ready.Ref : throw new InvalidOperationException($"The model was not accepted: {ready.Reason}");
    }

    private async Task UntilNodesAsync(Func<NodeStatus, bool> done, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var nodes = await Client.ListNodesAsync(cancellationToken).ToListAsync(cancellationToken);
                nodes.ForEach(n => _seen[n.OwnerName] = $"{n.State} with {n.Leases.Count} leases");
                if (nodes.Count(done) == _nodes.Count)
                {
                    return;
                }
            }
            catch (Exception e) when (e is GridUnreachableException or GridApiException)
            {
                // The silo is on its way back.
            }

            await Task.Delay(LookAgain, cancellationToken);
        }
    }
}
