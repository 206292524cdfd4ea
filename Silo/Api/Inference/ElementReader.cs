using System.Buffers.Binary;
using System.Text.Json;

namespace PiGrid.Silo.Api.Inference;

/// <summary>A JSON value as the bytes of an element of a fixed size.</summary>
internal static class ElementReader
{
    /// <summary>Writes the reader's value at the start of <paramref name="to"/>; false when it is no value of that type, or out of its range.</summary>
    public static bool TryRead(ref Utf8JsonReader reader, ElementType type, Span<byte> to)
    {
        if (type == ElementType.Bool)
        {
            to[0] = reader.TokenType == JsonTokenType.True ? (byte)1 : (byte)0;
            return reader.TokenType is JsonTokenType.True or JsonTokenType.False;
        }

        return reader.TokenType == JsonTokenType.Number && type switch
        {
            ElementType.UInt8 => reader.TryGetByte(out to[0]),
            ElementType.UInt16 => reader.TryGetUInt16(out var v) && BinaryPrimitives.TryWriteUInt16LittleEndian(to, v),
            ElementType.UInt32 => reader.TryGetUInt32(out var v) && BinaryPrimitives.TryWriteUInt32LittleEndian(to, v),
            ElementType.UInt64 => reader.TryGetUInt64(out var v) && BinaryPrimitives.TryWriteUInt64LittleEndian(to, v),
            ElementType.Int8 => TryReadInt8(ref reader, out to[0]),
            ElementType.Int16 => reader.TryGetInt16(out var v) && BinaryPrimitives.TryWriteInt16LittleEndian(to, v),
            ElementType.Int32 => reader.TryGetInt32(out var v) && BinaryPrimitives.TryWriteInt32LittleEndian(to, v),
            ElementType.Int64 => reader.TryGetInt64(out var v) && BinaryPrimitives.TryWriteInt64LittleEndian(to, v),
            ElementType.Fp16 => reader.TryGetDouble(out var v) && Half.IsFinite((Half)v) && BinaryPrimitives.TryWriteHalfLittleEndian(to, (Half)v),
            ElementType.Fp32 => reader.TryGetSingle(out var v) && float.IsFinite(v) && BinaryPrimitives.TryWriteSingleLittleEndian(to, v),
            ElementType.Fp64 => reader.TryGetDouble(out var v) && double.IsFinite(v) && BinaryPrimitives.TryWriteDoubleLittleEndian(to, v),
            ElementType.Bf16 => TryReadBrain(ref reader, to),
            ElementType.Bool or ElementType.Bytes => false,
        };
    }

    private static bool TryReadInt8(ref Utf8JsonReader reader, out byte bits)
    {
        var isOne = reader.TryGetSByte(out var value);
        bits = unchecked((byte)value);
        return isOne;
    }

    // To the nearest, to even in the middle, as hardware rounds to bfloat16.
    private static bool TryReadBrain(ref Utf8JsonReader reader, Span<byte> to)
    {
        if (!reader.TryGetSingle(out var value) || !float.IsFinite(value))
        {
            return false;
        }

        var bits = BitConverter.SingleToUInt32Bits(value);
        var rounded = (bits + 0x7FFFu + ((bits >> 16) & 1)) >> 16;
        return float.IsFinite(BitConverter.UInt32BitsToSingle(rounded << 16)) && BinaryPrimitives.TryWriteUInt16LittleEndian(to, (ushort)rounded);
    }
}
