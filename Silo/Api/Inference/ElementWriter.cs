using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;
using PiGrid.Tensors;

namespace PiGrid.Silo.Api.Inference;

/// <summary>Writes a tensor's elements as a flat JSON array.</summary>
internal static class ElementWriter
{
    /// <summary>Writes the array. An element of <see cref="ElementType.Bytes"/> that is no UTF-8 becomes <c>{"b64": "..."}</c>; a float that is not finite null.</summary>
    public static void Write(Utf8JsonWriter json, ElementType type, ReadOnlySpan<byte> data)
    {
        json.WriteStartArray();
        if (type == ElementType.Bytes)
        {
            while (StringElements.TryTake(ref data, out var element))
            {
                WriteBytes(json, element);
            }
        }
        else
        {
            for (var size = ElementTypes.SizeOf(type); data.Length >= size; data = data[size..])
            {
                WriteOne(json, type, data);
            }
        }

        json.WriteEndArray();
    }

    private static void WriteOne(Utf8JsonWriter json, ElementType type, ReadOnlySpan<byte> data)
    {
        switch (type)
        {
            case ElementType.Bool:
                json.WriteBooleanValue(data[0] != 0);
                break;
            case ElementType.UInt8:
                json.WriteNumberValue(data[0]);
                break;
            case ElementType.UInt16:
                json.WriteNumberValue(BinaryPrimitives.ReadUInt16LittleEndian(data));
                break;
            case ElementType.UInt32:
                json.WriteNumberValue(BinaryPrimitives.ReadUInt32LittleEndian(data));
                break;
            case ElementType.UInt64:
                json.WriteNumberValue(BinaryPrimitives.ReadUInt64LittleEndian(data));
                break;
            case ElementType.Int8:
                json.WriteNumberValue(unchecked((sbyte)data[0]));
                break;
            case ElementType.Int16:
                json.WriteNumberValue(BinaryPrimitives.ReadInt16LittleEndian(data));
                break;
            case ElementType.Int32:
                json.WriteNumberValue(BinaryPrimitives.ReadInt32LittleEndian(data));
                break;
            case ElementType.Int64:
                json.WriteNumberValue(BinaryPrimitives.ReadInt64LittleEndian(data));
                break;
            case ElementType.Fp16:
                WriteFloat(json, (float)BinaryPrimitives.ReadHalfLittleEndian(data));
                break;
            case ElementType.Bf16:
                WriteFloat(json, BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(data) << 16));
                break;
            case ElementType.Fp32:
                WriteFloat(json, BinaryPrimitives.ReadSingleLittleEndian(data));
                break;
            case ElementType.Fp64 when BinaryPrimitives.ReadDoubleLittleEndian(data) is var value && value != 0 && double.IsFinite(value):
                json.WriteNumberValue(value);
                break;
            case ElementType.Fp64:
                WriteFloat(json, (float)BinaryPrimitives.ReadDoubleLittleEndian(data));
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    private static void WriteFloat(Utf8JsonWriter json, float value)
    {
        if (value == 0 && float.IsNegative(value))
        {
            // Readers take "-0" for a whole number, which has no sign.
            json.WriteRawValue("-0.0"u8, skipInputValidation: true);
        }
        else if (float.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static void WriteBytes(Utf8JsonWriter json, ReadOnlySpan<byte> element)
    {
        if (Utf8.IsValid(element))
        {
            json.WriteStringValue(element);
            return;
        }

        json.WriteStartObject();
        json.WriteBase64String("b64"u8, element);
        json.WriteEndObject();
    }
}
