using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using PiGrid.Api;
using PiGrid.Silo.Hosting;

namespace PiGrid.Tests.Silo;

/// <summary>A silo in this process, over a data folder of its own: storage, engine, sockets and all.</summary>
public sealed class TestSilo : IAsyncDisposable
{
    private readonly string[] _args;
    private readonly Action<IServiceCollection>? _configure;
    private WebApplication? _app;

    private TestSilo(string folder, string[] args, Action<IServiceCollection>? configure)
    {
        Folder = folder;
        _args = args;
        _configure = configure;
    }

    public string Folder { get; }

    public Uri Url { get; private set; } = null!;

    public Bootstrap Bootstrap { get; private set; } = null!;

    /// <summary>With the operator's key.</summary>
    public HttpClient Http { get; private set; } = null!;

    public IServiceProvider Services => _app!.Services;

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    public static Task<TestSilo> StartAsync(params string[] args) => StartAsync(configure: null, args);

    public static async Task<TestSilo> StartAsync(Action<IServiceCollection>? configure, params string[] args)
    {
        var silo = new TestSilo(Directory.CreateTempSubdirectory("pigrid-silo-").FullName, args, configure);
        await silo.StartAgainAsync();
        return silo;
    }

    /// <summary>A silo on a folder that is there already; the folder goes with it.</summary>
    public static async Task<TestSilo> StartOnAsync(string folder, params string[] args)
    {
        var silo = new TestSilo(folder, args, configure: null);
        await silo.StartAgainAsync();
        return silo;
    }

    /// <summary>The command line for a silo that shares no port with any other test's.</summary>
    public static string[] Arguments(string folder) =>
        ["--data", folder, "--urls", "http://127.0.0.1:0", $"--Silo:SiloPort={FreePort()}", $"--Silo:GatewayPort={FreePort()}"];

    /// <summary>Starts the silo that was stopped, on the same folder.</summary>
    public async Task StartAgainAsync()
    {
        _app = SiloHost.Build([.. Arguments(Folder), "--Logging:LogLevel:Default=Warning", .. _args], _configure);
        await SiloProgram.StartAsync(_app);
        Url = new Uri(SiloHost.Addresses(_app).Single());
        Bootstrap = JsonSerializer.Deserialize<Bootstrap>(await File.ReadAllBytesAsync(Path.Combine(Folder, "bootstrap.json")), GridJson.Wire)!;
        Http = ClientWith(Bootstrap.OperatorKey);
    }

    public async Task StopAsync()
    {
        Http.Dispose();
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    public HttpClient ClientWith(string? key)
    {
        var client = new HttpClient { BaseAddress = Url };
        client.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>A key of a developer.</summary>
    public async Task<string> CreateTokenAsync(CredentialKind kind) => (await CreateAsync(kind)).Secret;

    public async Task<CreateTokenResponse> CreateAsync(CredentialKind kind)
    {
        using var response = await Http.PostAsJsonAsync("/api/tokens", new CreateTokenRequest { Kind = kind, Name = "test" }, GridJson.Wire);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<CreateTokenResponse>(GridJson.Wire))!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await StopAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    // The official engine takes no port 0.
    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
