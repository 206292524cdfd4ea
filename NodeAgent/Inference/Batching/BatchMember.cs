using PiGrid.Inference.Inputs;

namespace PiGrid.Inference.Batching;

/// <summary>An input that can be part of a batch.</summary>
/// <param name="Index">Its place among the inputs.</param>
/// <param name="Prepared">Its tensors.</param>
/// <param name="Rows">How many rows they have, at least one.</param>
/// <param name="PrepareMs">What preparing it took, in milliseconds.</param>
internal sealed record BatchMember(int Index, PreparedTensors Prepared, long Rows, double PrepareMs)
{
    /// <summary>The bytes of its tensors.</summary>
    public long Bytes => Prepared.Tensors.Sum(t => t.Data.LongLength);

    /// <summary>The same for inputs of one kind that are the same to the model.</summary>
    public string Digest => string.Join(' ', Prepared.Tensors.Select(t => Sha256.Of(t.Data)));
}
