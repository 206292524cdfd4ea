namespace PiGrid.Inference.Sessions;

/// <summary>Walks the fields of one protobuf message (protobuf.dev, "Encoding") without copying; used to look into models before anything loads them.</summary>
internal ref struct ProtobufReader
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly long _start;
    private int _at;

    /// <param name="data">The message.</param>
    /// <param name="start">Where the message begins in the file, for errors.</param>
    public ProtobufReader(ReadOnlySpan<byte> data, long start)
    {
        _data = data;
        _start = start;
    }

    /// <summary>The field's number.</summary>
    public int Field { get; private set; }

    /// <summary>The value of a number field; 0 otherwise.</summary>
    public ulong Number { get; private set; }

    /// <summary>The content of a field with a length; empty otherwise.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>Whether the field has a length: text, bytes or a message.</summary>
    public bool HasContent { get; private set; }

    /// <summary>Where <see cref="Content"/> begins in the file.</summary>
    public long ContentStart { get; private set; }

    /// <summary>Where the next field begins, from the message's start.</summary>
    public readonly int Position => _at;

    /// <summary>Moves to the next field; false at the end.</summary>
    /// <exception cref="ProtobufException">The bytes are no field, or end within one.</exception>
    public bool Next()
    {
        if (_at == _data.Length)
        {
            return false;
        }

        var from = _at;
        var tag = Varint();
        Field = tag >> 3 is >= 1 and <= 536870911 ? (int)(tag >> 3) : throw Broken(from, isTruncated: false);
        (HasContent, Number) = (false, 0);
        Content = default;
        switch (tag & 7)
        {
            case 0:
                Number = Varint();
                break;
            case 1:
                Skip(8);
                break;
            case 2:
                var length = Varint();
                ContentStart = _start + _at;
                Content = length <= (ulong)(_data.Length - _at) ? _data.Slice(_at, (int)length) : throw Broken(from, isTruncated: true);
                HasContent = true;
                _at += Content.Length;
                break;
            case 5:
                Skip(4);
                break;
            default:
                throw Broken(from, isTruncated: false);
        }

        return true;
    }

    private void Skip(int bytes) => _at = bytes <= _data.Length - _at ? _at + bytes : throw Broken(_at, isTruncated: true);

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_at == _data.Length)
            {
                throw Broken(_at, isTruncated: true);
            }

            var b = _data[_at++];
            value |= shift < 64 ? (ulong)(b & 0x7F) << shift : 0;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw Broken(_at, isTruncated: false);
    }

    private readonly ProtobufException Broken(int at, bool isTruncated) => new(_start + at, isTruncated);
}

/// <summary>Bytes that are no protobuf message.</summary>
/// <param name="at">Where in the file.</param>
/// <param name="isTruncated">Whether the message promises more bytes than there are.</param>
internal sealed class ProtobufException(long at, bool isTruncated) : Exception($"Byte {at} is not part of a protobuf message.")
{
    public long At { get; } = at;

    public bool IsTruncated { get; } = isTruncated;
}
