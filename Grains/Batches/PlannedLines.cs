using System.Runtime.CompilerServices;
using System.Text.Json;
using PiGrid.Grains.Storage;

namespace PiGrid.Grains.Batches;

/// <summary>A batch's calls as they are kept: JSON lines in blobs, some hundred lines each.</summary>
internal static class PlannedLines
{
    // A segment is written whole from memory.
    private const int SegmentBytesMax = 64 << 20;

    /// <summary>A segment.</summary>
    public static byte[] Write(IEnumerable<PlannedLine> lines)
    {
        using var bytes = new MemoryStream();
        foreach (var line in lines)
        {
            JsonSerializer.Serialize(bytes, line, GridJson.Wire);
            bytes.WriteByte((byte)'\n');
        }

        return bytes.ToArray();
    }

    /// <summary>All calls in the order of the file.</summary>
    /// <exception cref="InvalidDataException">A segment is not there.</exception>
    public static async IAsyncEnumerable<PlannedLine> ReadAsync(
        IReadOnlyList<BlobRef> segments, IBlobStore blobs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var segment in segments)
        {
            var bytes = await blobs.ReadBytesAsync(segment.Sha256, SegmentBytesMax, cancellationToken)
                ?? throw new InvalidDataException($"Blob {segment.Sha256}, a part of the batch's plan, is lost or damaged: restore it from a backup, or cancel the batch.");
            for (var rest = bytes.AsMemory(); !rest.IsEmpty;)
            {
                var length = rest.Span.IndexOf((byte)'\n');
                yield return JsonSerializer.Deserialize<PlannedLine>(rest.Span[..length], GridJson.Wire)!;
                rest = rest[(length + 1)..];
            }
        }
    }
}
