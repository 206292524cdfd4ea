using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;

namespace PiGrid.Tests.Engine;

/// <summary>A silo of the engine under test, with its own client. This file and its sibling are all that differs by engine.</summary>
public sealed class TestHost : IAsyncDisposable
{
    private readonly IHost _silo;

    private TestHost(IHost silo) => _silo = silo;

    public IClusterClient Client => _silo.Services.GetRequiredService<IClusterClient>();

    public IServiceProvider Services => _silo.Services;

    public static async Task<TestHost> StartAsync(Action<ISiloBuilder>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(silo =>
        {
            silo.AddMemoryGrainStorageAsDefault();
            configure?.Invoke(silo);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new TestHost(host);
    }

    public Task StopAsync() => _silo.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _silo.StopAsync();
        await ((IAsyncDisposable)_silo).DisposeAsync();
    }
}
