using System.Buffers.Binary;

namespace PiGrid.Verification;

/// <summary>Reads the floating-point elements of a tensor out of its little-endian bytes, whatever their width.</summary>
internal readonly ref struct FloatElements
{
    private readonly Width _width;
    private readonly ReadOnlySpan<byte> _data;

    private FloatElements(Width width, ReadOnlySpan<byte> data, int size)
    {
        _width = width;
        _data = data;
        Count = data.Length / size;
    }

    private enum Width
    {
        Half,
        Brain,
        Single,
        Double,
    }

    /// <summary>How many elements there are.</summary>
    public int Count { get; }

    /// <summary>The index of the first NaN or infinity; -1 when there is none.</summary>
    public int FirstNonFinite
    {
        get
        {
            for (var i = 0; i < Count; i++)
            {
                if (!double.IsFinite(this[i]))
                {
                    return i;
                }
            }

            return -1;
        }
    }

    /// <summary>The element at <paramref name="index"/>; the conversion to double loses nothing.</summary>
    public double this[int index] => _width switch
    {
        Width.Single => BinaryPrimitives.ReadSingleLittleEndian(_data[(index * 4)..]),
        Width.Double => BinaryPrimitives.ReadDoubleLittleEndian(_data[(index * 8)..]),
        Width.Half => (double)BinaryPrimitives.ReadHalfLittleEndian(_data[(index * 2)..]),

        // A bfloat16 is the upper half of a float32.
        Width.Brain => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(_data[(index * 2)..]) << 16),
    };

    /// <summary>The elements of a tensor of that type; false when the type is not a floating-point one.</summary>
    public static bool TryRead(string type, ReadOnlySpan<byte> data, out FloatElements elements)
    {
        Width? width = type switch
        {
            "float16" => Width.Half,
            "bfloat16" => Width.Brain,
            "float32" => Width.Single,
            "float64" => Width.Double,
            _ => null,
        };
        elements = width is { } known ? new(known, data, TensorTypes.SizeOf(type)!.Value) : default;
        return width is not null;
    }
}
