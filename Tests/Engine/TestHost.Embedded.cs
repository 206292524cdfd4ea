using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Embedded;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;

namespace PiGrid.Tests.Engine;

/// <summary>A silo of the engine under test, with its clients. This file and its sibling are all that differs by engine.</summary>
public sealed class TestHost : IAsyncDisposable
{
    /// <summary>How long calls wait in tests.</summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(3);

    private readonly IHost _silo;
    private readonly List<IHost> _clients = [];

    private TestHost(IHost silo, string folder) => (_silo, DataFolder) = (silo, folder);

    public string DataFolder { get; }

    public IClusterClient Client => _silo.Services.GetRequiredService<IClusterClient>();

    public IServiceProvider Services => _silo.Services;

    public static async Task<TestHost> StartAsync(Action<ISiloBuilder>? configure = null, string? dataFolder = null)
    {
        var folder = dataFolder ?? Directory.CreateTempSubdirectory("pigrid-test-").FullName;
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(silo =>
        {
            silo.UseEmbedded(options => options.DataFolder = folder);
            silo.Services.AddGrainStorage("Default", (_, _) => new TestStorage());
            silo.UseInMemoryReminderService();
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout);
            configure?.Invoke(silo);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new TestHost(host, folder);
    }

    public async Task<IClusterClient> ConnectAsync()
    {
        var client = await ConnectAsync(DataFolder);
        _clients.Add(client);
        return client.Services.GetRequiredService<IClusterClient>();
    }

    public static async Task<IHost> ConnectAsync(string dataFolder)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleansClient(client =>
        {
            client.UseEmbeddedGateway(dataFolder);
            client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    public Task StopAsync() => _silo.StopAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _clients.Append(_silo))
        {
            await host.StopAsync();
            await ((IAsyncDisposable)host).DisposeAsync();
        }
        Directory.Delete(DataFolder, recursive: true);
    }
}
