using System.Buffers.Binary;

namespace PiGrid.Tensors;

/// <summary>
/// The elements of a tensor of type <c>string</c>: each follows its length, 4 bytes little-endian, as the Open Inference Protocol lays out <c>BYTES</c>.
/// </summary>
public static class StringElements
{
    /// <summary>The type's name.</summary>
    public const string Type = "string";

    /// <summary>The bytes of an element's length.</summary>
    public const int Prefix = 4;

    /// <summary>How many elements there are; null when a length reaches over the end.</summary>
    public static long? Count(ReadOnlySpan<byte> data)
    {
        long count = 0;
        for (; data.Length > 0; count++)
        {
            if (!TryTake(ref data, out _))
            {
                return null;
            }
        }

        return count;
    }

    /// <summary>Takes the next element; false when the data are over or a length reaches over their end.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> element)
    {
        element = default;
        if (data.Length < Prefix || BinaryPrimitives.ReadUInt32LittleEndian(data) > (uint)(data.Length - Prefix))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(data);
        element = data.Slice(Prefix, length);
        data = data[(Prefix + length)..];
        return true;
    }

    /// <summary>Elements one behind another.</summary>
    public static byte[] Write(IReadOnlyList<byte[]> elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        var data = new byte[elements.Sum(e => (long)Prefix + e.Length)];
        var rest = data.AsSpan();
        foreach (var element in elements)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, element.Length);
            element.CopyTo(rest[Prefix..]);
            rest = rest[(Prefix + element.Length)..];
        }

        return data;
    }
}
