using System.Runtime.InteropServices;
using PiGrid.Inference.Sessions;

namespace PiGrid.Tests.Inference.Segments;

/// <summary>Changes a model's weights where they lie in its file.</summary>
internal static class Weights
{
    /// <summary>The model with the floats of all its matrices and filters scaled.</summary>
    public static byte[] Scaled(byte[] model, float factor)
    {
        var scaled = model.ToArray();
        var changed = 0;
        var reader = new ProtobufReader(model, 0);
        while (reader.Next())
        {
            var graph = reader.Field == 7 ? new ProtobufReader(reader.Content, reader.ContentStart) : default;
            while (graph.Next())
            {
                changed += graph.Field == 5 ? Scale(scaled, new(graph.Content, graph.ContentStart), factor) : 0;
            }
        }

        Assert.True(changed > 1_000, $"Only {changed} weights were found.");
        return scaled;
    }

    private static int Scale(byte[] model, ProtobufReader tensor, float factor)
    {
        var (isFloat, start, length) = (false, 0L, 0);
        while (tensor.Next())
        {
            isFloat |= tensor is { Field: 2, Number: 1 };
            (start, length) = tensor.Field is 4 or 9 && tensor.HasContent ? (tensor.ContentStart, tensor.Content.Length) : (start, length);
        }

        var values = isFloat && length >= 400 ? MemoryMarshal.Cast<byte, float>(model.AsSpan((int)start, length)) : [];
        foreach (ref var value in values)
        {
            value *= factor;
        }

        return values.Length;
    }
}
