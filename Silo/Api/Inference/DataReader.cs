using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using PiGrid.Tensors;

namespace PiGrid.Silo.Api.Inference;

/// <summary>
/// Reads a tensor's <c>data</c> out of JSON into its bytes: an array of all elements, or arrays in arrays exactly as the shape says. An element of
/// <see cref="ElementType.Bytes"/> is text, or <c>{"b64": "..."}</c> for bytes that are no text.
/// </summary>
internal static class DataReader
{
    /// <summary>Reads the array at which the reader stands.</summary>
    /// <param name="reader">The reader, over one span.</param>
    /// <param name="type">What the elements are.</param>
    /// <param name="shape">The tensor's shape, at most <see cref="RequestLimits.RankMax"/> dimensions.</param>
    /// <param name="elements">The product of the shape; never more than the JSON has bytes, so that what is taken is in proportion to what was sent.</param>
    /// <param name="field">Where the array stands, for messages.</param>
    /// <exception cref="InferenceException">It is not what belongs there.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static byte[] Read(ref Utf8JsonReader reader, ElementType type, IReadOnlyList<long> shape, long elements, string field)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw InferenceException.Invalid(field, $"must be an array, not {Words.Of(reader.TokenType)}.");
        }

        var place = new Place(shape, field);
        var size = ElementTypes.SizeOf(type);
        var fixedSize = type == ElementType.Bytes ? [] : new byte[checked(elements * size)];
        var grown = type == ElementType.Bytes ? new ArrayBufferWriter<byte>() : null;
        while (!place.IsOver)
        {
            reader.Read();
            if (place.Moved(reader.TokenType))
            {
                continue;
            }

            var index = place.Next(elements);
            if (grown is not null)
            {
                ReadBytes(ref reader, grown, field, index);
            }
            else if (!ElementReader.TryRead(ref reader, type, fixedSize.AsSpan((int)(index * size))))
            {
                throw Wrong(ref reader, type, field, index);
            }
        }

        place.End(elements);
        return grown is null ? fixedSize : grown.WrittenSpan.ToArray();
    }

    private static void ReadBytes(ref Utf8JsonReader reader, ArrayBufferWriter<byte> to, string field, long index)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            var room = to.GetSpan(StringElements.Prefix + reader.ValueSpan.Length);
            var length = reader.CopyString(room[StringElements.Prefix..]);
            BinaryPrimitives.WriteInt32LittleEndian(room, length);
            to.Advance(StringElements.Prefix + length);
            return;
        }

        if (reader.TokenType != JsonTokenType.StartObject
            || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("b64"u8)
            || !reader.Read() || reader.TokenType != JsonTokenType.String || !reader.TryGetBytesFromBase64(out var bytes)
            || !reader.Read() || reader.TokenType != JsonTokenType.EndObject)
        {
            throw InferenceException.Invalid(At(field, index), "must be text, or {\"b64\": \"...\"} with bytes in base64.");
        }

        BinaryPrimitives.WriteInt32LittleEndian(to.GetSpan(StringElements.Prefix), bytes.Length);
        to.Advance(StringElements.Prefix);
        to.Write(bytes);
    }

    private static InferenceException Wrong(ref Utf8JsonReader reader, ElementType type, string field, long index) => InferenceException.Invalid(
        At(field, index), reader.TokenType == JsonTokenType.Number
            ? $"the number is no {ElementTypes.NameOf(type)}: out of its range, or not whole."
            : $"must be {(type == ElementType.Bool ? "true or false" : "a number")}, not {Words.Of(reader.TokenType)}.");

    private static string At(string field, long index) => string.Create(CultureInfo.InvariantCulture, $"{field}[{index}]");

    /// <summary>Where in the array, or the arrays in arrays, the reader is.</summary>
    private ref struct Place(IReadOnlyList<long> shape, string field)
    {
        private Counts _counts;
        private int _level = 1;
        private bool _isNested;
        private long _index;

        public readonly bool IsOver => _level == 0;

        /// <summary>Whether an array began or ended; otherwise an element stands here.</summary>
        public bool Moved(JsonTokenType token)
        {
            if (token == JsonTokenType.EndArray)
            {
                if (_isNested && _counts[_level - 1] != shape[_level - 1])
                {
                    throw WrongCount();
                }

                _level--;
                return true;
            }

            if (token != JsonTokenType.StartArray)
            {
                return false;
            }

            _isNested |= _level == 1 && _counts[0] == 0;
            if (!_isNested || _level >= shape.Count)
            {
                throw InferenceException.Invalid(field, $"arrays lie deeper than the shape {Words.Of(shape)}; write all elements in one array, or nest them as the shape says.");
            }

            Count();
            _counts[_level] = 0;
            _level++;
            return true;
        }

        /// <summary>The index of the element that stands here.</summary>
        public long Next(long elements)
        {
            if (_isNested && _level < shape.Count)
            {
                throw InferenceException.Invalid(field, $"an element lies where the shape {Words.Of(shape)} has an array.");
            }

            Count();
            return _index < elements ? _index++ : throw WrongCount();
        }

        public readonly void End(long elements)
        {
            if (_index != elements)
            {
                throw WrongCount();
            }
        }

        private void Count()
        {
            _counts[_level - 1]++;
            if (_isNested && _counts[_level - 1] > shape[_level - 1])
            {
                throw WrongCount();
            }
        }

        private readonly InferenceException WrongCount() =>
            InferenceException.Invalid(field, $"there are not as many elements as the shape {Words.Of(shape)} has.");
    }

    [System.Runtime.CompilerServices.InlineArray(RequestLimits.RankMax + 1)]
    private struct Counts
    {
        private long _first;
    }
}
