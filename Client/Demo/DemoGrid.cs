using System.Text.Json;
using PiGrid.Api;
using PiGrid.Client.Cli;

namespace PiGrid.Client.Demo;

/// <summary>A grid of real processes on this machine: a silo, an operator node, and volunteers with data folders and owners of their own.</summary>
internal sealed class DemoGrid : IAsyncDisposable
{
    // Nine processes share this machine: quick start and little memory count for more than peak speed.
    private static readonly Dictionary<string, string> ChildEnvironment = new()
    {
        ["DOTNET_TieredPGO"] = "0",
        ["DOTNET_TC_QuickJitForLoops"] = "1",
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_gcConcurrent"] = "0",
    };

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    private readonly string _folder;
    private readonly SemaphoreSlim _spoke = new(0, 1);
    private readonly Lock _children = new();
    private readonly List<ChildProgram> _all = [];
    private readonly List<Volunteer> _nodes = [];

    private readonly bool _isLean;

    private DemoGrid(string folder, bool isLean) => (_folder, _isLean) = (folder, isLean);

    /// <summary>The client, with the operator's key.</summary>
    public GridClient Client { get; private set; } = null!;

    /// <summary>The grid's engine, version and key.</summary>
    public GridInfo Info { get; private set; } = null!;

    /// <summary>The folder of the silo's data.</summary>
    public string SiloData => Path.Combine(_folder, "silo");

    /// <summary>The volunteers in the order of the plan.</summary>
    public IReadOnlyList<Volunteer> Volunteers => [.. _nodes.Where(n => n.Role != VolunteerRole.Operator)];

    /// <summary>Starts everything and waits until all nodes are enrolled and connected.</summary>
    /// <param name="plan">The nodes' owners and roles; none for a silo alone.</param>
    /// <param name="folder">Where data and logs go.</param>
    /// <param name="say">Told what happens, for people.</param>
    /// <param name="cancellationToken">Stops starting; nothing is left running.</param>
    /// <param name="isLean">Whether the nodes have one slot each and all programs start quickly, as many on one machine must; otherwise they run as their users run them.</param>
    /// <exception cref="CommandFailedException">A program ended, with its last words.</exception>
    public static async Task<DemoGrid> StartAsync(
        IReadOnlyList<(string Name, VolunteerRole Role)> plan,
        string folder,
        Action<string> say,
        CancellationToken cancellationToken,
        bool isLean = true)
    {
        var grid = new DemoGrid(folder, isLean);
        try
        {
            say("Starting a silo ...");
            var bootstrap = await grid.StartSiloAsync(cancellationToken);
            grid.Client = GridClient.FromBootstrap(bootstrap);
            grid.Info = await grid.Client.GetGridAsync(cancellationToken);
            say($"Engine: {grid.Info.Engine}. Starting {plan.Count} nodes ...");
            grid.StartAgents(plan, bootstrap);
            await grid.WaitForNodesAsync(cancellationToken);
            return grid;
        }
        catch
        {
            await grid.DisposeAsync();
            throw;
        }
    }

    /// <summary>Fails if a program ended that was not killed on purpose.</summary>
    /// <exception cref="CommandFailedException">One did, with its last words.</exception>
    public void CheckAlive()
    {
        lock (_children)
        {
            if (_all.Find(c => c.HasExited && !c.Killed) is { } dead)
            {
                throw new CommandFailedException($"The {dead.Name} ended by itself. Its last words:{Environment.NewLine}{dead.Tail}");
            }
        }
    }

    /// <summary>Kills everything that is still running, without asking; for the process's own end.</summary>
    public void KillAll()
    {
        lock (_children)
        {
            _all.ForEach(c => c.Kill());
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        KillAll();
        foreach (var child in _all)
        {
            await child.DisposeAsync();
        }

        Client?.Dispose();
        _spoke.Dispose();
    }

    private async Task<Bootstrap> StartSiloAsync(CancellationToken cancellationToken)
    {
        var silo = Start("silo", "Silo", ["--data", SiloData, "--urls", "http://127.0.0.1:0", "--Nodes:Heartbeat=00:00:01"], []);
        while (!silo.Announced)
        {
            CheckAlive();
            await _spoke.WaitAsync(LookAgain, cancellationToken);
        }

        var bootstrap = await File.ReadAllBytesAsync(Path.Combine(SiloData, "bootstrap.json"), cancellationToken);
        return JsonSerializer.Deserialize<Bootstrap>(bootstrap, GridJson.Wire)!;
    }

    private void StartAgents(IReadOnlyList<(string Name, VolunteerRole Role)> plan, Bootstrap bootstrap)
    {
        foreach (var (name, role) in plan)
        {
            var token = role == VolunteerRole.Operator ? bootstrap.OperatorNodeToken : bootstrap.EnrolmentToken!;
            string[] arguments =
            [
                "run", "--grid", bootstrap.Url, "--data", Path.Combine(_folder, name), "--owner", name,
                .. _isLean ? ["--slots", "1"] : Array.Empty<string>(),
                .. role == VolunteerRole.Liar ? ["--fault", "forge"] : Array.Empty<string>(),
            ];

            // Tokens travel in the environment: command lines can be read by everybody on the machine.
            _nodes.Add(new(name, role, Start(name, "NodeAgent", arguments, new() { ["PIGRID_TOKEN"] = token })));
        }
    }

    private ChildProgram Start(string name, string project, IEnumerable<string> arguments, Dictionary<string, string> environment)
    {
        var child = ChildProgram.Start(
            name,
            ProgramFiles.Find(project, AppContext.BaseDirectory),
            arguments,
            (_isLean ? ChildEnvironment : []).Concat(environment).ToDictionary(),
            Path.Combine(_folder, "logs", $"{name.Replace(' ', '-')}.log"),
            Spoke);
        lock (_children)
        {
            _all.Add(child);
        }

        return child;
    }

    // Looks again whenever a program wrote a line or ended, and every quarter of a second in case that none does.
    private async Task WaitForNodesAsync(CancellationToken cancellationToken)
    {
        while (_nodes.Exists(n => n.Node == default))
        {
            var online = await Client.ListNodesAsync(cancellationToken).Where(n => n.State == NodeState.Online).ToListAsync(cancellationToken);
            for (var i = 0; i < _nodes.Count; i++)
            {
                _nodes[i] = _nodes[i] with { Node = online.Find(n => n.OwnerName == _nodes[i].Name)?.Id ?? _nodes[i].Node };
            }

            CheckAlive();
            await _spoke.WaitAsync(LookAgain, cancellationToken);
        }
    }

    private void Spoke()
    {
        try
        {
            _spoke.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // Somebody already looks again, or nobody will any more.
        }
    }
}
