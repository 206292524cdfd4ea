namespace PiGrid;

/// <summary>A blob by its content: model, file, input or output. Anyone who knows it can check the bytes; knowing it gives no right to read them.</summary>
/// <param name="Sha256">The digest of the bytes, which is the blob's name.</param>
/// <param name="Size">The length in bytes.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.BlobRef")]
public sealed record BlobRef([property: Id(0)] Sha256 Sha256, [property: Id(1)] long Size);
