namespace PiGrid.Inference.Inputs;

/// <summary>A tensor of an input, and where its bytes are: an input of some hundred KiB is not copied to be read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type, as of <see cref="Verification.TensorData"/>.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Place">Where its bytes lie in the input.</param>
/// <param name="Own">Its bytes where the input holds them in another form; null where they lie in it.</param>
internal sealed record InputTensor(string Name, string Type, IReadOnlyList<long> Shape, Range Place, byte[]? Own = null)
{
    /// <summary>Its bytes.</summary>
    /// <param name="input">The input that it was read from.</param>
    public ReadOnlySpan<byte> DataIn(ReadOnlySpan<byte> input) => Own is null ? input[Place] : Own;
}
