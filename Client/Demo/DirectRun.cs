using PiGrid.Inference;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Client.Demo;

/// <summary>Runs the model in the demo's own process, without any grid: what the grid accepted is measured against this.</summary>
internal sealed class DirectRun : IDisposable
{
    private readonly Pipeline _pipeline;
    private readonly Comparator _comparator;

    /// <summary>Loads the model.</summary>
    /// <exception cref="PipelineException">It cannot be loaded.</exception>
    public DirectRun(ManifestFolder folder)
    {
        ModelManifest manifest = folder.Sealed;
        _pipeline = Pipeline.Load(manifest, PipelineFiles.FromFolder(manifest, folder.Folder));
        _comparator = manifest.Comparator;
    }

    /// <summary>Whether an accepted output is what this process computes of the same input. What is inconclusive does not count as agreement.</summary>
    public bool Agrees(byte[] input, ItemOutput accepted) =>
        OutputComparer.Compare(_comparator, _pipeline.Run(input).Output, accepted) == Agreement.Agree;

    /// <inheritdoc/>
    public void Dispose() => _pipeline.Dispose();
}
