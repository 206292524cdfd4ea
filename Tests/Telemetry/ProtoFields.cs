using System.Text;

namespace PiGrid.Tests.Telemetry;

/// <summary>The fields of one protobuf message (protobuf.dev, "Encoding"), as much of them as the messages of OTLP need.</summary>
internal sealed class ProtoFields
{
    private readonly List<(int Field, ulong Number, byte[] Bytes)> _fields = [];

    public ProtoFields(ReadOnlySpan<byte> message)
    {
        while (message.Length > 0)
        {
            var tag = Varint(ref message);
            var field = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    _fields.Add((field, Varint(ref message), []));
                    break;
                case 1:
                    _fields.Add((field, BitConverter.ToUInt64(message), []));
                    message = message[8..];
                    break;
                case 2:
                    var length = (int)Varint(ref message);
                    _fields.Add((field, 0, message[..length].ToArray()));
                    message = message[length..];
                    break;
                case 5:
                    _fields.Add((field, BitConverter.ToUInt32(message), []));
                    message = message[4..];
                    break;
                default:
                    throw new InvalidDataException($"Wire type {tag & 7} is not in use.");
            }
        }
    }

    /// <summary>The messages in a repeated field.</summary>
    public IEnumerable<ProtoFields> All(int field) => _fields.Where(f => f.Field == field).Select(f => new ProtoFields(f.Bytes));

    /// <summary>The bytes of a field; empty when it is not there.</summary>
    public byte[] Bytes(int field) => _fields.Where(f => f.Field == field).Select(f => f.Bytes).LastOrDefault([]);

    /// <summary>The text of a field.</summary>
    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    /// <summary>An id, in hexadecimal.</summary>
    public string Hex(int field) => Convert.ToHexStringLower(Bytes(field));

    /// <summary>The number of a field; 0 when it is not there.</summary>
    public ulong Number(int field) => _fields.Where(f => f.Field == field).Select(f => f.Number).LastOrDefault();

    /// <summary>The attributes of a repeated field of key and value; values that are no text are left empty.</summary>
    public Dictionary<string, string> Attributes(int field) => All(field).ToDictionary(pair => pair.Text(1), pair => pair.All(2).Select(value => value.Text(1)).FirstOrDefault(""));

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var i = 0; ; i++)
        {
            value |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }
    }
}
