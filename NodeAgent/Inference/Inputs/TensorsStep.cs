using Microsoft.ML.OnnxRuntime;
using PiGrid.Inference.Sessions;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Inference.Inputs;

/// <summary>Hands tensors to the model as they came.</summary>
/// <param name="declared">The model's inputs; null without a model.</param>
internal sealed class TensorsStep(IReadOnlyList<TensorSpec>? declared) : IInputStep
{
    public IReadOnlyList<string>? Names { get; private set; }

    public PreparedInput Prepare(ReadOnlySpan<byte> input)
    {
        var tensors = TensorInputs.Read(input, declared);
        Names = [.. tensors.Select(t => t.Name)];
        var values = new List<OrtValue>(tensors.Count);
        try
        {
            foreach (var tensor in tensors)
            {
                values.Add(ValueOf(tensor));
            }

            return new() { Values = values, OwnsValues = true };
        }
        catch
        {
            values.ForEach(value => value.Dispose());
            throw;
        }
    }

    public void Dispose()
    {
        // Values belong to the inputs.
    }

    /// <summary>A tensor as the library's value; the caller's to dispose.</summary>
    internal static OrtValue ValueOf(TensorData tensor)
    {
        var (type, _) = ElementTypeNames.Parse(tensor.Type)!.Value;
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, [.. tensor.Shape]);
        tensor.Data.CopyTo(value.GetTensorMutableRawData());
        return value;
    }
}
