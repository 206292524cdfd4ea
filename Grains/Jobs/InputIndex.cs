using System.Text.Json;
using PiGrid.Grains.Storage;

namespace PiGrid.Grains.Jobs;

/// <summary>
/// A job's inputs in order, from its record or from an index blob of JSON lines. Of an index only the offset of every
/// <c>stride</c>-th line is kept in memory, so that any shard's inputs are one short read.
/// </summary>
internal sealed class InputIndex
{
    private const int LineBytesMax = 8 << 10;
    private readonly IReadOnlyList<JobInput>? _inline;
    private readonly Sha256 _blob;
    private readonly IBlobStore? _blobs;
    private readonly List<long> _offsets = [];
    private readonly int _stride;

    /// <summary>Inputs that are in memory.</summary>
    public InputIndex(IReadOnlyList<JobInput> inputs)
    {
        _inline = inputs;
        _stride = 1;
        Count = inputs.Count;
    }

    private InputIndex(Sha256 blob, IBlobStore blobs, int stride)
    {
        _blob = blob;
        _blobs = blobs;
        _stride = stride;
    }

    /// <summary>How many inputs there are.</summary>
    public int Count { get; private set; }

    /// <summary>The JSON lines of an index.</summary>
    public static byte[] Write(IEnumerable<JobInput> inputs)
    {
        using var bytes = new MemoryStream();
        foreach (var input in inputs)
        {
            JsonSerializer.Serialize(bytes, input, GridJson.Wire);
            bytes.WriteByte((byte)'\n');
        }

        return bytes.ToArray();
    }

    /// <summary>Opens an index blob and reads every line once.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="stride">How many inputs are read at once later; the size of a shard.</param>
    /// <param name="blobs">Where it is.</param>
    /// <param name="each">Is given every input with its index; what it throws ends the reading.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="InvalidDataException">The blob is missing or a line is no input; the message names the line.</exception>
    public static async Task<InputIndex> OpenAsync(
        BlobRef blob, int stride, IBlobStore blobs, Func<int, JobInput, ValueTask>? each, CancellationToken cancellationToken)
    {
        var index = new InputIndex(blob.Sha256, blobs, stride);
        await using var stream = await index.Open(cancellationToken);
        await foreach (var (offset, input) in ReadLines(stream, 0, cancellationToken))
        {
            if (index.Count % stride == 0)
            {
                index._offsets.Add(offset);
            }

            if (each is not null)
            {
                await each(index.Count, input);
            }

            index.Count++;
        }

        return index;
    }

    /// <summary>The inputs from <paramref name="first"/> on; <paramref name="first"/> is a multiple of the stride.</summary>
    public async ValueTask<IReadOnlyList<JobInput>> ReadAsync(int first, int count, CancellationToken cancellationToken)
    {
        if (_inline is not null)
        {
            return _inline.Skip(first).Take(count).ToArray();
        }

        var inputs = new List<JobInput>(count);
        await using var stream = await Open(cancellationToken);
        await foreach (var (_, input) in ReadLines(stream, _offsets[first / _stride], cancellationToken))
        {
            inputs.Add(input);
            if (inputs.Count == count)
            {
                break;
            }
        }

        return inputs;
    }

    private static async IAsyncEnumerable<(long Offset, JobInput Input)> ReadLines(
        Stream stream, long from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        stream.Position = from;
        var buffer = new byte[64 << 10];
        int start = 0, end = 0, line = 0;
        var offset = from;
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length < 0)
            {
                if (end - start > LineBytesMax)
                {
                    throw new InvalidDataException($"Line {line + 1} of the index is longer than {LineBytesMax} bytes.");
                }

                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
                var read = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken);
                end += read;
                if (read > 0)
                {
                    continue;
                }

                if (end == 0)
                {
                    yield break;
                }

                // The last line may lack its line feed.
                length = end;
            }

            line++;
            yield return (offset, Parse(buffer.AsSpan(start, length), line));
            var consumed = Math.Min(length + 1, end - start);
            start += consumed;
            offset += consumed;
        }
    }

    private static JobInput Parse(ReadOnlySpan<byte> line, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<JobInput>(line, GridJson.Wire) is { Blob: not null } input
                ? input
                : throw new InvalidDataException($"Line {number} of the index names no blob.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"Line {number} of the index is no input: {e.Message}", e);
        }
    }

    private async Task<Stream> Open(CancellationToken cancellationToken) =>
        await _blobs!.OpenAsync(_blob, cancellationToken)
        ?? throw new InvalidDataException($"The index blob {_blob} is not there; upload it before the job.");
}
