using System.Runtime.InteropServices;
using System.Text;
using PiGrid.Tensors;

namespace PiGrid.Client;

/// <summary>An output of a call: a piece of the buffer into which the answer was received.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DataType">The protocol's name of the element type.</param>
/// <param name="Shape">The size of each dimension.</param>
/// <param name="Data">The elements, row-major and little-endian; those of <c>BYTES</c> each behind their length.</param>
public sealed record InferTensor(string Name, string DataType, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Data)
{
    /// <summary>The elements where they lie, as numbers or booleans.</summary>
    /// <exception cref="InvalidOperationException">The tensor has elements of another type.</exception>
    public ReadOnlySpan<T> As<T>()
        where T : unmanaged => ElementName.Of<T>() == DataType
        ? MemoryMarshal.Cast<byte, T>(Data.Span)
        : throw new InvalidOperationException($"Output '{Name}' is {DataType}, not {ElementName.Of<T>()}.");

    /// <summary>The elements of <c>BYTES</c> where they lie.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not of <c>BYTES</c>.</exception>
    public IReadOnlyList<ReadOnlyMemory<byte>> Elements()
    {
        if (DataType != ElementName.Bytes)
        {
            throw new InvalidOperationException($"Output '{Name}' is {DataType}, not {ElementName.Bytes}.");
        }

        var elements = new List<ReadOnlyMemory<byte>>();
        var rest = Data.Span;
        while (StringElements.TryTake(ref rest, out var element))
        {
            elements.Add(Data.Slice(Data.Length - rest.Length - element.Length, element.Length));
        }

        return elements;
    }

    /// <summary>The elements of <c>BYTES</c> as texts in UTF-8.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not of <c>BYTES</c>.</exception>
    public IReadOnlyList<string> Texts() => [.. Elements().Select(e => Encoding.UTF8.GetString(e.Span))];
}
