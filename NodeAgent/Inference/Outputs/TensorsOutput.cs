using Microsoft.ML.OnnxRuntime;
using PiGrid.Inference.Inputs;
using PiGrid.Inference.Sessions;
using PiGrid.Tensors;
using PiGrid.Verification;

namespace PiGrid.Inference.Outputs;

/// <summary>From the model's output values to the item's output.</summary>
internal interface IOutputStep
{
    /// <summary>The output of one item.</summary>
    /// <param name="values">The model's outputs, in its order.</param>
    /// <param name="names">Their names.</param>
    /// <param name="geometry">Pictures: where the picture lies in the tensor.</param>
    /// <exception cref="ItemException">The values are not what the manifest promises.</exception>
    ItemOutput Finish(IReadOnlyList<OrtValue> values, IReadOnlyList<string> names, PictureGeometry? geometry);
}

/// <summary>Gives the tensors out as they are; <see cref="OutputGuard"/> refuses numbers that are not finite.</summary>
internal sealed class TensorsOutput : IOutputStep
{
    public ItemOutput Finish(IReadOnlyList<OrtValue> values, IReadOnlyList<string> names, PictureGeometry? geometry)
    {
        var tensors = new TensorData[values.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            tensors[i] = Copy(values[i], names[i]);
        }

        return new() { Tensors = tensors };
    }

    /// <summary>The tensor as data of its own.</summary>
    /// <exception cref="ItemException">It is no tensor of numbers or strings (model failed).</exception>
    internal static TensorData Copy(OrtValue value, string name)
    {
        var info = value.IsTensor ? value.GetTensorTypeAndShape() : throw Unknown(name);
        var type = ElementTypeNames.Of(info.ElementDataType);
        if (ElementTypeNames.TypeOf(type) is null)
        {
            throw Unknown(name);
        }

        return new(name, type, info.Shape, type == StringElements.Type ? Strings(value, info.Shape, name) : value.GetTensorMutableRawData().ToArray());
    }

    private static byte[] Strings(OrtValue value, long[] shape, string name)
    {
        var elements = new byte[TensorShape.ElementsOf(shape) ?? throw Unknown(name)][];
        for (var i = 0; i < elements.Length; i++)
        {
            elements[i] = value.GetStringElementAsSpan(i).ToArray();
        }

        return StringElements.Write(elements);
    }

    private static ItemException Unknown(string name) =>
        new(ItemErrorCode.ModelFailed, $"The model's output '{name}' is no tensor of numbers or strings.");
}
