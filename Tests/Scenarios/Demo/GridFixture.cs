using PiGrid.Client;
using PiGrid.Client.Demo;
using PiGrid.Models;
using PiGrid.Tests.Client;

namespace PiGrid.Tests.Scenarios.Demo;

/// <summary>A small grid of real processes with the bundled model published: a silo, an operator node and two volunteers.</summary>
public sealed class GridFixture : IAsyncLifetime, IDisposable
{
    private readonly TempFolder _folder = new();
    private DemoGrid? _grid;

    /// <summary>A client with the operator's key.</summary>
    public GridClient Client => _grid!.Client;

    /// <summary>The silo's data folder.</summary>
    public string Data => _grid!.SiloData;

    /// <summary>The bundled model.</summary>
    public ModelRef Model { get; private set; }

    /// <summary>A bundled picture's path.</summary>
    public static string Picture(string name) => Path.Combine(ClientProgram.OutputOf("Client"), "demo", "pictures", name);

    public async Task InitializeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        _grid = await DemoGrid.StartAsync(
            [("operator", VolunteerRole.Operator), ("alice", VolunteerRole.Honest), ("bob", VolunteerRole.Honest)], _folder.Path, _ => { }, limit.Token);
        var folder = await ManifestFolder.LoadAsync(Path.Combine(ClientProgram.OutputOf("Client"), "demo", "manifest.json"), limit.Token);
        await Client.PublishAsync(folder, limit.Token);
        var ready = await Client.WaitForModelAsync(folder.Sealed.Ref, limit.Token);
        Assert.True(ready.State == ModelState.Ready, ready.Reason);
        Model = ready.Ref;
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
