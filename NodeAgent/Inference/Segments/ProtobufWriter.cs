using System.Buffers;
using System.Text;

namespace PiGrid.Inference.Segments;

/// <summary>Writes one protobuf message (protobuf.dev, "Encoding").</summary>
internal sealed class ProtobufWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Fields that are written already.</summary>
    public ProtobufWriter Raw(ReadOnlySpan<byte> fields)
    {
        _bytes.Write(fields);
        return this;
    }

    /// <summary>A number.</summary>
    public ProtobufWriter Number(int field, ulong value) => Varint((ulong)field << 3).Varint(value);

    /// <summary>Text.</summary>
    public ProtobufWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Bytes, or a whole message.</summary>
    public ProtobufWriter Bytes(int field, ReadOnlySpan<byte> value) => Varint(((ulong)field << 3) | 2).Varint((ulong)value.Length).Raw(value);

    /// <summary>A message inside this one.</summary>
    public ProtobufWriter Message(int field, Action<ProtobufWriter> fill)
    {
        var inner = new ProtobufWriter();
        fill(inner);
        return Bytes(field, inner.ToArray());
    }

    /// <summary>The message.</summary>
    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    private ProtobufWriter Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Write([(byte)((value & 0x7F) | 0x80)]);
        }

        _bytes.Write([(byte)value]);
        return this;
    }
}
