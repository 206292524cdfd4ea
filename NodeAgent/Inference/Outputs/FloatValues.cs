using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Verification;

namespace PiGrid.Inference.Outputs;

/// <summary>Reads a model's outputs as 32-bit floats.</summary>
internal static class FloatValues
{
    /// <summary>The element types that can be read so.</summary>
    public static IReadOnlyList<string> Types { get; } = ["float32", "float16", "float64"];

    /// <summary>The elements, valid while the value is.</summary>
    /// <exception cref="ItemException">The value has another type, or is not finite throughout (model failed).</exception>
    public static ReadOnlySpan<float> Read(OrtValue value, string name)
    {
        var type = value.IsTensor ? value.GetTensorTypeAndShape().ElementDataType : TensorElementType.DataTypeMax;
        var elements = type switch
        {
            TensorElementType.Float => value.GetTensorDataAsSpan<float>(),
            TensorElementType.Double => Narrow(value.GetTensorDataAsSpan<double>()),
            TensorElementType.Float16 => Widen(value.GetTensorDataAsSpan<Float16>()),
            _ => throw new ItemException(ItemErrorCode.ModelFailed, $"The model's output '{name}' is no tensor of floats."),
        };
        RequireFinite(elements, name);
        return elements;
    }

    /// <exception cref="ItemException">An element is not finite (model failed).</exception>
    public static void RequireFinite(ReadOnlySpan<float> elements, string name)
    {
        // A float is finite when its exponent is not all ones; eight at a time.
        const uint exponent = 0x7F800000;
        var bits = MemoryMarshal.Cast<float, uint>(elements);
        var i = 0;
        for (; i <= bits.Length - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            if (Vector.EqualsAny(new Vector<uint>(bits[i..]) & new Vector<uint>(exponent), new Vector<uint>(exponent)))
            {
                break;
            }
        }

        for (; i < bits.Length; i++)
        {
            if ((bits[i] & exponent) == exponent)
            {
                throw new ItemException(ItemErrorCode.ModelFailed, $"The model's output '{name}' has {elements[i]} at element {i}.");
            }
        }
    }

    private static float[] Narrow(ReadOnlySpan<double> from)
    {
        var to = new float[from.Length];
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = (float)from[i];
        }

        return to;
    }

    private static float[] Widen(ReadOnlySpan<Float16> from)
    {
        var to = new float[from.Length];
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = (float)BitConverter.UInt16BitsToHalf(from[i].value);
        }

        return to;
    }
}
