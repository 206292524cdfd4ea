using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Inference.Segments;

/// <summary>Runs everything again and compares: what every other scheme is measured against.</summary>
/// <param name="manifest">The manifest.</param>
/// <param name="files">Its files.</param>
public sealed class RerunVerifier(ModelManifest manifest, PipelineFiles files) : IResultVerifier
{
    private readonly Pipeline _pipeline = Pipeline.Load(manifest, files);
    private readonly Comparator _comparator = Comparator.Of(manifest);

    /// <inheritdoc/>
    public string Scheme => "rerun/1";

    /// <inheritdoc/>
    public byte[] Challenge(ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> nonce) => [];

    /// <inheritdoc/>
    public VerifierFinding Verify(ResultClaim claim, CancellationToken cancellation = default)
    {
        var said = OutputComparer.Compare(_comparator, _pipeline.Run(claim.Input.Span, cancellation).Output, claim.Output);
        return new(said, said == Agreement.Agree ? null : "Running it again gives another output.", 1);
    }

    /// <inheritdoc/>
    public void Dispose() => _pipeline.Dispose();
}
