using PiGrid.Client;
using PiGrid.Client.Demo;

namespace PiGrid.Tests.Client;

/// <summary>The built silo as a real process, for all tests of a class.</summary>
public sealed class SiloFixture : IAsyncLifetime, IDisposable
{
    private readonly TempFolder _folder = new();
    private DemoGrid? _grid;

    /// <summary>A client with the operator's key.</summary>
    public GridClient Client => _grid!.Client;

    /// <summary>The silo's <c>bootstrap.json</c>.</summary>
    public string Bootstrap => Path.Combine(_grid!.SiloData, "bootstrap.json");

    /// <summary>The silo's data folder.</summary>
    public string Data => _grid!.SiloData;

    public async Task InitializeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        _grid = await DemoGrid.StartAsync([], _folder.Path, _ => { }, limit.Token);
    }

    public async Task DisposeAsync()
    {
        if (_grid is not null)
        {
            await _grid.DisposeAsync();
        }
    }

    public void Dispose() => _folder.Dispose();
}
