using System.Net;
using System.Text.Json;
using PiGrid.Api;
using PiGrid.Client;
using PiGrid.Models;
using PiGrid.Tests.Scenarios.Faults;

namespace PiGrid.Tests.Scenarios.Cluster;

/// <summary>
/// Two silos over one PostgreSQL server, an operator's node and volunteers' nodes, all of them built programs. The nodes' connections are spread over the
/// silos; when a silo goes, whoever was led to it is led to the other, as behind one address.
/// </summary>
internal sealed class ClusterGrid : IHarmedGrid, IAsyncDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);
    private static readonly GridClientOptions ClientOptions = new() { RetriesMax = 3, CallTimeout = TimeSpan.FromSeconds(30), LongPoll = TimeSpan.FromSeconds(5) };

    private readonly string _folder;
    private readonly List<GridNode> _nodes = [];
    private readonly FaultProxy _door;

    private ClusterGrid(string folder, string postgres)
    {
        _folder = folder;
        _door = new FaultProxy(Moments.Happened);
        string[] settings =
        [
            "--postgres", postgres, $"--Silo:Shared={Path.Combine(folder, "shared")}",
            "--Nodes:Heartbeat=00:00:01", "--Nodes:ResultResendMax=00:00:05", "--Jobs:AskAgain=00:00:03", "--Jobs:Checkpoint=00:00:05",
            "--Jobs:ReplicasPerShardMax=64", "--Logging:LogLevel:Default=Information", "--Logging:LogLevel:Orleans=Warning",
        ];
        Silos = [new ClusterSilo("silo-1", folder, Logs, settings), new ClusterSilo("silo-2", folder, Logs, settings)];
    }

    /// <inheritdoc/>
    public Moments Moments { get; } = new();

    /// <inheritdoc/>
    public GridClient Client { get; private set; } = null!;

    /// <inheritdoc/>
    public byte[] GridKey { get; private set; } = [];

    /// <inheritdoc/>
    public ModelRef Model { get; private set; }

    /// <summary>The silos.</summary>
    public IReadOnlyList<ClusterSilo> Silos { get; }

    /// <summary>Where every process's output goes.</summary>
    public string Logs => Path.Combine(_folder, "logs");

    /// <summary>Starts both silos at once, then the nodes, and publishes the model.</summary>
    public static async Task<ClusterGrid> StartAsync(string folder, string postgres, int volunteers, CancellationToken cancellationToken)
    {
        var grid = new ClusterGrid(folder, postgres);
        try
        {
            await Task.WhenAll(grid.Silos.Select(silo => silo.StartAsync())).WaitAsync(cancellationToken);
            var file = Path.Combine(folder, "shared", "bootstrap.json");
            var bootstrap = JsonSerializer.Deserialize<Bootstrap>(await File.ReadAllBytesAsync(file, cancellationToken), GridJson.Wire)!;
            grid.Client = new GridClient(grid._door.Url, bootstrap.OperatorKey, ClientOptions);
            grid.AddNode("operator", bootstrap.OperatorNodeToken);
            for (var i = 1; i <= volunteers; i++)
            {
                grid.AddNode($"volunteer-{i}", bootstrap.EnrolmentToken!);
            }

            grid.Lead();
            grid.GridKey = (await grid.Client.GetGridAsync(cancellationToken)).GridKey;
            var model = await CountingModel.LayOutAsync(Path.Combine(folder, "model"), cancellationToken);
            await grid.Client.PublishAsync(model, cancellationToken);
            var ready = await grid.Client.WaitForModelAsync(model.Sealed.Ref, cancellationToken);
            grid.Model = ready.State == ModelState.Ready ? ready.Ref : throw new InvalidOperationException($"The model was not accepted: {ready.Reason}");
            await grid.UntilOnlineAsync(cancellationToken);
            return grid;
        }
        catch
        {
            await grid.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Leads everybody to a silo that serves: half to each when both do. Connections to one that does not serve any more end, as behind a balancer that
    /// asks for readiness.
    /// </summary>
    public void Lead()
    {
        var serving = Silos.Select(silo => silo.Address).OfType<IPEndPoint>().ToArray();
        Lead(_door, serving, 0);
        for (var i = 0; i < _nodes.Count; i++)
        {
            Lead(_nodes[i].Proxy, serving, i);
        }
    }

    /// <summary>Waits until every node is connected and takes work.</summary>
    public async Task UntilOnlineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var nodes = await Client.ListNodesAsync(cancellationToken).ToListAsync(cancellationToken);
                if (nodes.Count(n => n.State == NodeState.Online) == _nodes.Count)
                {
                    return;
                }
            }
            catch (Exception e) when (e is GridUnreachableException or GridApiException)
            {
                // A silo is on its way out or in.
            }

            await Task.Delay(LookAgain, cancellationToken);
        }
    }

    /// <summary>Waits until a job has more accepted shards than it had, or has ended.</summary>
    public async Task UntilMovesAsync(JobStatus before, CancellationToken cancellationToken)
    {
        while (await Requester.TryAsync(() => Client.FindJobAsync(before.Id, cancellationToken), cancellationToken) is { IsTerminal: false } now
            && now.ShardsAccepted <= before.ShardsAccepted)
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

        foreach (var silo in Silos)
        {
            await silo.DisposeAsync();
        }

        Client?.Dispose();
        await _door.DisposeAsync();
    }

    private static void Lead(FaultProxy proxy, IPEndPoint[] serving, int place)
    {
        var before = proxy.Target;
        proxy.Target = serving.Length == 0 ? null : serving[place % serving.Length];
        if (before is not null && !serving.Contains(before))
        {
            proxy.Cut(abruptly: true);
        }
    }

    private void AddNode(string name, string token)
    {
        var node = new GridNode(
            name, token, Path.Combine(_folder, name), Path.Combine(Logs, $"{name}.log"), new FaultProxy(Moments.Happened),
            new Dictionary<string, string> { ["DOTNET_TieredPGO"] = "0", ["DOTNET_gcServer"] = "0" });
        _nodes.Add(node);
        Lead();
        node.Start();
    }
}
