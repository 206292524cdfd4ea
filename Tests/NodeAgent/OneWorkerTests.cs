using PiGrid.NodeAgent.Workers;
using PiGrid.NodeAgent.Workers.Wire;
using PiGrid.Tests.Inference;

namespace PiGrid.Tests.NodeAgent;

/// <summary>Tests of one real worker process, in a folder of its own.</summary>
public abstract class OneWorkerTests : IAsyncLifetime, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pigrid-worker-");
    private readonly WorkerSpawner _spawner = new();

    private protected WorkerProcess Worker { get; private set; } = null!;

    public virtual async Task InitializeAsync() => Worker = await WorkerProcess.StartAsync(
        _spawner, new() { Program = AgentRun.WorkerProgram, WorkFolder = _folder.FullName, Slots = 1 }, TimeProvider.System, CancellationToken.None);

    public async Task DisposeAsync() => await Worker.DisposeAsync();

    public void Dispose()
    {
        _spawner.Dispose();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Loads a model of tensors.</summary>
    private protected Task<LoadedReply> LoadAsync(byte[] model)
    {
        var manifest = CanonicalJson.Serialize(Manifests.Tensors);
        var load = new LoadRequest { Validate = false, Provider = "cpu", MemoryMib = 1_024, ManifestSize = manifest.Length, ModelSize = model.Length };
        return AskAsync<LoadedReply>(load, manifest, model);
    }

    private protected Task<TReply> AskAsync<TReply>(WorkerRequest request, params byte[][] blobs)
        where TReply : WorkerReply => Worker.AskAsync<TReply>(request, blobs, TimeSpan.FromMinutes(1), memoryMib: null, CancellationToken.None);
}
