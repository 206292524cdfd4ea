using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Inference.Sessions;
using PiGrid.Models;
using PiGrid.Tensors;
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
                values.Add(ValueOf(tensor.Type, tensor.Shape, tensor.DataIn(input)));
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
    internal static OrtValue ValueOf(TensorData tensor) => ValueOf(tensor.Type, tensor.Shape, tensor.Data);

    private static OrtValue ValueOf(string type, IReadOnlyList<long> shape, ReadOnlySpan<byte> data)
    {
        var element = ElementTypeNames.TypeOf(type)!.Value;
        if (element == TensorElementType.String)
        {
            return StringsOf(shape, data);
        }

        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, element, [.. shape]);
        data.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static OrtValue StringsOf(IReadOnlyList<long> shape, ReadOnlySpan<byte> data)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [.. shape]);
        for (var i = 0; StringElements.TryTake(ref data, out var element); i++)
        {
            value.StringTensorSetElementAt(element, i);
        }

        return value;
    }
}
