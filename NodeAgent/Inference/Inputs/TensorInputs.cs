using System.Text.Json;
using PiGrid.Inference.Sessions;
using PiGrid.Models;
using PiGrid.Tensors;
using PiGrid.Verification;

namespace PiGrid.Inference.Inputs;

/// <summary>Reads an input that is tensors by name: a JSON array of <see cref="TensorData"/>, or a safetensors file.</summary>
internal static class TensorInputs
{
    private const int TensorsMax = OutputLimits.TensorsMax;

    /// <summary>The tensors in the order of <paramref name="declared"/>; in their own order when there is no model.</summary>
    /// <param name="input">The JSON, or the file.</param>
    /// <param name="declared">The model's inputs; null without a model.</param>
    /// <exception cref="ItemException">Neither of these (undecodable), or tensors that do not fit (shape mismatch).</exception>
    public static IReadOnlyList<InputTensor> Read(ReadOnlySpan<byte> input, IReadOnlyList<TensorSpec>? declared)
    {
        var tensors = SafeTensors.IsLike(input) ? SafeTensorsReader.Read(input) : Parse(input);
        if (tensors.Length is 0 or > TensorsMax)
        {
            throw Mismatch($"{tensors.Length} tensors are given; 1 to {TensorsMax} are allowed.");
        }

        var byName = new Dictionary<string, InputTensor>(StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            CheckData(tensor, tensor.DataIn(input));
            if (!byName.TryAdd(tensor.Name, tensor))
            {
                throw Mismatch($"The tensor '{tensor.Name}' is given twice; give it once.");
            }
        }

        if (declared is null)
        {
            return tensors;
        }

        foreach (var name in byName.Keys)
        {
            if (declared.All(d => d.Name != name))
            {
                throw Mismatch($"The model has no input '{name}'; its inputs are {string.Join(", ", declared.Select(d => $"'{d.Name}'"))}.");
            }
        }

        return [.. declared.Select(spec => Fitting(byName.GetValueOrDefault(spec.Name), spec))];
    }

    private static InputTensor[] Parse(ReadOnlySpan<byte> input)
    {
        try
        {
            var tensors = JsonSerializer.Deserialize<TensorData?[]>(input, GridJson.Wire) ?? throw new JsonException("null is no array");
            return [.. tensors.Select((t, i) => t is null
                ? throw new ItemException(ItemErrorCode.Undecodable, $"The tensor at [{i}] is null; a name, type, shape and data are needed.")
                : new InputTensor(t.Name, t.Type, t.Shape, default, t.Data))];
        }
        catch (JsonException e)
        {
            throw new ItemException(ItemErrorCode.Undecodable, $"The input is no JSON array of tensors (name, type, shape, data in base64): {e.Message}");
        }
    }

    private static void CheckData(InputTensor tensor, ReadOnlySpan<byte> data)
    {
        if (ElementTypeNames.TypeOf(tensor.Type) is null)
        {
            throw Mismatch($"The tensor '{tensor.Name}' has the type '{tensor.Type}', which is not known here; use one such as float32 or int64.");
        }

        if (tensor.Shape.Count > TensorShape.RankMax || TensorShape.ElementsOf(tensor.Shape) is not { } elements)
        {
            throw Mismatch($"The tensor '{tensor.Name}' has an impossible shape.");
        }

        if (tensor.Type == StringElements.Type)
        {
            if (StringElements.Count(data) != elements)
            {
                throw Mismatch($"The tensor '{tensor.Name}' of string {TensorShape.Text(tensor.Shape)} needs {elements} elements, each behind its length in 4 bytes.");
            }

            return;
        }

        var size = ElementTypeNames.Parse(tensor.Type)!.Value.Size;
        if (elements * size != data.Length)
        {
            throw Mismatch(
                $"The tensor '{tensor.Name}' of {tensor.Type} {TensorShape.Text(tensor.Shape)} needs {elements * size} bytes of data, "
                + $"not {data.Length}.");
        }
    }

    private static InputTensor Fitting(InputTensor? tensor, TensorSpec spec)
    {
        if (tensor is null)
        {
            throw Mismatch($"The model's input '{spec.Name}' ({spec.Type} {TensorShape.Text(spec.Shape)}) is missing.");
        }

        return tensor.Type == spec.Type && TensorShape.Fits(tensor.Shape, spec.Shape)
            ? tensor
            : throw Mismatch(
                $"The tensor '{spec.Name}' is {tensor.Type} {TensorShape.Text(tensor.Shape)}; the model's input is {spec.Type} {TensorShape.Text(spec.Shape)}.");
    }

    private static ItemException Mismatch(string message) => new(ItemErrorCode.ShapeMismatch, message);
}
