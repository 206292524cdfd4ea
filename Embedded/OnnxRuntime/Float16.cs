namespace Microsoft.ML.OnnxRuntime;

/// <summary>An IEEE 754 half as tensors hold it.</summary>
/// <param name="v">Its bits.</param>
public readonly struct Float16(ushort v)
{
    /// <summary>Its bits.</summary>
    public readonly ushort value = v;
}
