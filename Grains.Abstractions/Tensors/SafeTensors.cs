using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace PiGrid.Tensors;

/// <summary>
/// The safetensors format: 8 bytes with the length of the header (little-endian), the header in JSON, then the tensors' bytes one behind another. A name in the
/// header gives <c>dtype</c>, <c>shape</c> and <c>data_offsets</c>, counted from the header's end.
/// </summary>
public static class SafeTensors
{
    /// <summary>The bytes of the header's length.</summary>
    public const int Prefix = 8;

    /// <summary>The longest header that is read; more than 64 tensors with names as long as they may be need.</summary>
    public const int HeaderMax = 1 << 20;

    private static readonly (string Dtype, string Type)[] Types =
    [
        ("BOOL", "bool"), ("U8", "uint8"), ("I8", "int8"), ("U16", "uint16"), ("I16", "int16"), ("F16", "float16"), ("BF16", "bfloat16"),
        ("U32", "uint32"), ("I32", "int32"), ("F32", "float32"), ("U64", "uint64"), ("I64", "int64"), ("F64", "float64"),
    ];

    /// <summary>The format's name of an element type (<c>float32</c>); null when it has none.</summary>
    public static string? DtypeOf(string type) => Array.Find(Types, t => t.Type == type).Dtype;

    /// <summary>The element type that the format calls so (<c>F32</c>); null when there is none.</summary>
    public static string? TypeOf(string dtype) => Array.Find(Types, t => t.Dtype == dtype).Type;

    /// <summary>
    /// Whether bytes begin as this format does and not as JSON: the header is shorter than 2^32 bytes, so that its length has zeros, which no JSON has.
    /// </summary>
    public static bool IsLike(ReadOnlySpan<byte> bytes) => bytes.Length >= Prefix && bytes[Prefix - 1] == 0;

    /// <summary>Writes tensors, in their order.</summary>
    /// <param name="tensors">Names are distinct; data fit types and shapes.</param>
    /// <exception cref="ArgumentException">The format has no such element type.</exception>
    public static byte[] Write(IReadOnlyList<TensorPiece> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var head = Head([.. tensors.Select(t => new TensorEntry(t.Name, t.Type, t.Shape, t.Data.Length))]);
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)(head.Length + tensors.Sum(t => (long)t.Data.Length))));
        head.CopyTo(bytes, 0);
        var at = head.Length;
        foreach (var tensor in tensors)
        {
            tensor.Data.Span.CopyTo(bytes.AsSpan(at));
            at += tensor.Data.Length;
        }

        return bytes;
    }

    /// <summary>All that stands before the tensors' bytes, for who has these one behind another already.</summary>
    /// <param name="tensors">Names are distinct; lengths fit types and shapes.</param>
    /// <exception cref="ArgumentException">The format has no such element type.</exception>
    public static byte[] Head(IReadOnlyList<TensorEntry> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var header = new ArrayBufferWriter<byte>();
        WriteHeader(header, tensors);

        // The tensors begin at a multiple of eight, as elements of any size like it; spaces fill the header up.
        var padding = (8 - (header.WrittenCount % 8)) % 8;
        header.Write("        "u8[..padding]);
        var head = new byte[Prefix + header.WrittenCount];
        BinaryPrimitives.WriteInt64LittleEndian(head, header.WrittenCount);
        header.WrittenSpan.CopyTo(head.AsSpan(Prefix));
        return head;
    }

    private static void WriteHeader(ArrayBufferWriter<byte> header, IReadOnlyList<TensorEntry> tensors)
    {
        using var json = new Utf8JsonWriter(header);
        json.WriteStartObject();
        long offset = 0;
        foreach (var tensor in tensors)
        {
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype"u8, DtypeOf(tensor.Type) ?? throw new ArgumentException($"safetensors has no '{tensor.Type}'.", nameof(tensors)));
            json.WriteStartArray("shape"u8);
            foreach (var size in tensor.Shape)
            {
                json.WriteNumberValue(size);
            }

            json.WriteEndArray();
            json.WriteStartArray("data_offsets"u8);
            json.WriteNumberValue(offset);
            json.WriteNumberValue(offset += tensor.Length);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}

/// <summary>A tensor as the header has it.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Type">The element type: <c>float32</c>, <c>int64</c>, ...</param>
/// <param name="Shape">The dimensions.</param>
/// <param name="Length">How many bytes its elements have.</param>
public readonly record struct TensorEntry(string Name, string Type, IReadOnlyList<long> Shape, long Length);

/// <summary>A tensor whose bytes lie in somebody else's memory.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Type">The element type: <c>float32</c>, <c>int64</c>, ...</param>
/// <param name="Shape">The dimensions.</param>
/// <param name="Data">The elements, row-major, little-endian.</param>
public readonly record struct TensorPiece(string Name, string Type, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Data);
