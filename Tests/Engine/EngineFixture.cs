using Orleans;

namespace PiGrid.Tests.Engine;

/// <summary>One silo for the tests of a class that need nothing special of it.</summary>
public sealed class EngineFixture : IAsyncLifetime
{
    public TestHost Host { get; private set; } = null!;

    public IClusterClient Client => Host.Client;

    /// <summary>A client that reaches the silo as one in another process does.</summary>
    public IClusterClient Remote { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Host = await TestHost.StartAsync();
        Remote = await Host.ConnectAsync();
    }

    public async Task DisposeAsync() => await Host.DisposeAsync();

    /// <summary>A grain that no other test uses.</summary>
    public T Fresh<T>() where T : IGrainWithStringKey => Client.GetGrain<T>(Guid.NewGuid().ToString("N"));
}
