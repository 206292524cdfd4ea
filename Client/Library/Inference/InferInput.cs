using System.Buffers.Binary;
using System.Text;
using PiGrid.Tensors;

namespace PiGrid.Client;

/// <summary>
/// An input of a call. Its data are not copied: they are written from the caller's memory to the request, so they must not change until the call has
/// been answered.
/// </summary>
public sealed class InferInput
{
    private InferInput(string name, string dataType, IReadOnlyList<long> shape, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        (Name, DataType, Shape, Pieces, Length) = (name, dataType, shape, pieces, pieces.Sum(p => (long)p.Length));
    }

    /// <summary>The input's name, as the model's metadata has it.</summary>
    public string Name { get; }

    /// <summary>The protocol's name of the element type, such as <c>FP32</c> or <c>BYTES</c>.</summary>
    public string DataType { get; }

    /// <summary>The size of each dimension.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>How many bytes the data have in the request.</summary>
    public long Length { get; }

    /// <summary>The data as they go into the request, one piece behind the other.</summary>
    internal IReadOnlyList<ReadOnlyMemory<byte>> Pieces { get; }

    /// <summary>A tensor of numbers or booleans, row-major.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="data">The elements: <see cref="bool"/>, whole numbers of 8 to 64 bits, <see cref="Half"/>, <see cref="float"/> or <see cref="double"/>.</param>
    /// <param name="shape">The size of each dimension; one dimension of all elements when there is none.</param>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    /// <exception cref="NotSupportedException">The protocol has no such element type.</exception>
    public static InferInput Of<T>(string name, ReadOnlyMemory<T> data, params long[] shape)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(shape);
        var dataType = ElementName.Of<T>();
        return BitConverter.IsLittleEndian
            ? new InferInput(name, dataType, ShapeOf(name, data.Length, shape), [ByteView<T>.Of(data)])
            : throw new PlatformNotSupportedException("Tensors travel little-endian, which numbers are not in this machine's memory.");
    }

    /// <summary>A tensor of numbers or booleans from an array.</summary>
    /// <inheritdoc cref="Of{T}(string, ReadOnlyMemory{T}, long[])"/>
    public static InferInput Of<T>(string name, T[] data, params long[] shape)
        where T : unmanaged => Of(name, new ReadOnlyMemory<T>(data), shape);

    /// <summary>A tensor whose bytes the caller has laid out: row-major, little-endian; elements of <c>BYTES</c> each behind their length, 4 bytes.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="dataType">The protocol's name of the element type.</param>
    /// <param name="data">The bytes.</param>
    /// <param name="shape">The size of each dimension.</param>
    public static InferInput Raw(string name, string dataType, ReadOnlyMemory<byte> data, params long[] shape) => new(name, dataType, shape, [data]);

    /// <summary>Runs of bytes, such as pictures: one dimension.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="elements">The elements.</param>
    public static InferInput Bytes(string name, params ReadOnlyMemory<byte>[] elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        var pieces = new ReadOnlyMemory<byte>[elements.Length * 2];
        for (var i = 0; i < elements.Length; i++)
        {
            var length = new byte[StringElements.Prefix];
            BinaryPrimitives.WriteInt32LittleEndian(length, elements[i].Length);
            (pieces[2 * i], pieces[(2 * i) + 1]) = (length, elements[i]);
        }

        return new(name, ElementName.Bytes, [elements.Length], pieces);
    }

    /// <summary>Texts: one dimension, in UTF-8.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="texts">The elements.</param>
    public static InferInput Text(string name, params string[] texts) =>
        Bytes(name, [.. texts.Select(text => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(text)))]);

    private static long[] ShapeOf(string name, int elements, long[] shape)
    {
        if (shape.Length == 0)
        {
            return [elements];
        }

        return shape.Aggregate(1L, (product, size) => product * size) == elements
            ? shape
            : throw new ArgumentException($"Input '{name}' has {elements} elements, which do not fill the shape [{string.Join(", ", shape)}].", nameof(shape));
    }
}
