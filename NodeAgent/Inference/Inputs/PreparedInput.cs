using Microsoft.ML.OnnxRuntime;

namespace PiGrid.Inference.Inputs;

/// <summary>An input on its way into the model.</summary>
internal sealed class PreparedInput : IDisposable
{
    /// <summary>A value per input of the model, in its order.</summary>
    public required IReadOnlyList<OrtValue> Values { get; init; }

    /// <summary>Pictures: where the picture lies in the tensor.</summary>
    public PictureGeometry? Geometry { get; init; }

    /// <summary>Text: the prompt's tokens.</summary>
    public IReadOnlyList<int>? Tokens { get; init; }

    /// <summary>Whether the values belong to this input alone and end with it.</summary>
    public bool OwnsValues { get; init; }

    public void Dispose()
    {
        if (!OwnsValues)
        {
            return;
        }

        foreach (var value in Values)
        {
            value.Dispose();
        }
    }
}

/// <summary>From an input's bytes to the model's input values.</summary>
internal interface IInputStep : IDisposable
{
    /// <summary>The tensors' names, when there is no model to name them.</summary>
    IReadOnlyList<string>? Names { get; }

    /// <summary>Prepares one input; the one before it is no longer needed.</summary>
    /// <exception cref="ItemException">The input is not what the pipeline takes.</exception>
    PreparedInput Prepare(ReadOnlySpan<byte> input);
}
