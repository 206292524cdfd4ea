using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using PiGrid.Tests.Scenarios.Faults;

namespace PiGrid.Tests.Scenarios.Cluster;

/// <summary>One silo of the cluster: its process, its own data folder, its ports.</summary>
internal sealed class ClusterSilo(string name, string folder, string logs, IReadOnlyList<string> settings) : IAsyncDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(90);

    private readonly int _siloPort = FreePort();
    private readonly int _gatewayPort = FreePort();

    /// <summary>Its process; the newest one.</summary>
    public GridProcess Process { get; private set; } = null!;

    /// <summary>Where its front doors are; null while it does not serve.</summary>
    public IPEndPoint? Address { get; private set; }

    /// <summary>Its data folder.</summary>
    public string Data => Path.Combine(folder, name);

    /// <summary>Starts it, on the folder that an earlier process left.</summary>
    public async Task StartAsync()
    {
        if (Process is not null)
        {
            await Process.DisposeAsync();
        }

        Process = Launch([]);
        var line = await Process.Announced.WaitAsync(StartMax);
        var port = int.Parse(Regex.Match(line, "http://127\\.0\\.0\\.1:([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture);
        Address = new IPEndPoint(IPAddress.Loopback, port);
    }

    /// <summary>Starts its process with more settings, and waits for nothing.</summary>
    public GridProcess Launch(IEnumerable<string> more) => GridProcess.Start(
        name,
        "Silo",
        ["--data", Data, "--urls", "http://127.0.0.1:0", .. settings, $"--Silo:SiloPort={_siloPort}", $"--Silo:GatewayPort={_gatewayPort}", .. more],
        new Dictionary<string, string> { ["DOTNET_TieredPGO"] = "0", ["DOTNET_gcServer"] = "0" },
        Path.Combine(logs, $"{name}.log"));

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        Address = null;
        await Process.KillAsync();
    }

    /// <summary>SIGSTOP: its sockets stay open.</summary>
    public void Freeze()
    {
        Address = null;
        Process.Freeze();
    }

    /// <summary>SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public Task<int> TerminateAsync()
    {
        Address = null;
        return Process.TerminateAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Process is not null)
        {
            await Process.DisposeAsync();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
