using PiGrid.NodeAgent.Cache;
using PiGrid.NodeAgent.Workers;
using PiGrid.NodeAgent.Workers.Wire;

namespace PiGrid.NodeAgent.Work;

/// <summary>Sends a work order's model to a worker.</summary>
internal static class ModelLoader
{
    /// <summary>What a worker may add to the bare process, in MiB.</summary>
    public static int MemoryOf(WorkTemplate work, bool keepFiles) => work.Limits.MemoryMib * (keepFiles ? LoadRequest.KeptFactor : 1);

    /// <summary>Asks the worker to load the model, with its files kept where segments are to be run; or to check it when the order says so.</summary>
    /// <exception cref="WorkerDiedException">The worker died of it.</exception>
    /// <exception cref="BlobUnavailableException">A blob cannot be had.</exception>
    public static async Task<WorkerReply> LoadAsync(
        WorkerProcess worker, WorkTemplate work, IReadOnlyList<ShardInput> ringers, string provider, bool keepFiles, LeaseBlobs blobs, TimeSpan timeMax, CancellationToken cancellationToken)
    {
        var wanted = WorkBlobs.Model(work).Concat(ringers.Select(r => r.Blob)).ToArray();
        var uses = new List<BlobUse>();
        try
        {
            foreach (var use in wanted)
            {
                uses.Add(await blobs.UseAsync(use, cancellationToken));
            }

            var request = new LoadRequest
            {
                Validate = work.Kind == WorkKind.Validate && !keepFiles,
                KeepFiles = keepFiles,
                Provider = provider,
                MemoryMib = work.Limits.MemoryMib,
                ManifestSize = uses[0].Bytes.Length,
                ModelSize = work.ModelFile is null ? null : uses[1].Bytes.Length,
                FileNames = work.Files.Select(f => f.Name).ToArray(),
                FileSizes = work.Files.Select(f => f.Blob.Size).ToArray(),
                RingerSizes = ringers.Select(r => r.Blob.Size).ToArray(),
            };
            return await worker.AskAsync<WorkerReply>(request, [.. uses.Select(u => u.Bytes)], timeMax, MemoryOf(work, keepFiles), cancellationToken);
        }
        finally
        {
            uses.ForEach(u => u.Dispose());
        }
    }
}
