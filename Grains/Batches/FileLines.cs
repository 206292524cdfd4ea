using System.Runtime.CompilerServices;

namespace PiGrid.Grains.Batches;

/// <summary>A line of a file.</summary>
/// <param name="Number">Which, from 1.</param>
/// <param name="Text">The line without its end, good until the next one is asked for; null when it is too long, and was passed over.</param>
internal readonly record struct FileLine(int Number, ReadOnlyMemory<byte>? Text);

/// <summary>Reads a file line by line; what it holds in memory is the longest line that is allowed, at most.</summary>
internal static class FileLines
{
    private const int FirstBytes = 64 << 10;

    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <summary>The lines that are not blank, with their numbers in the file.</summary>
    public static async IAsyncEnumerable<FileLine> ReadAsync(Stream stream, int lineBytesMax, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[Math.Min(FirstBytes, lineBytesMax + 1)];
        var (start, end, number, isPassing, isOver) = (0, 0, 1, false, false);
        while (!isOver || start < end)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length < 0 && !isOver)
            {
                // Of a line that is too long only its end is looked for.
                isPassing |= end - start > lineBytesMax;
                buffer = isPassing ? buffer : Widened(buffer, start, end, lineBytesMax);
                end = isPassing ? 0 : Shifted(buffer, start, end);
                start = 0;
                var read = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken);
                end += read;
                isOver = read == 0;
                continue;
            }

            var whole = length < 0 ? end - start : length;
            var text = buffer.AsMemory(start, whole);
            text = number == 1 && !isPassing && text.Span.StartsWith(ByteOrderMark) ? text[ByteOrderMark.Length..] : text;
            if (isPassing || whole > lineBytesMax)
            {
                yield return new(number, null);
            }
            else if (!text.Span.Trim(" \t\r"u8).IsEmpty)
            {
                yield return new(number, text);
            }

            (start, number, isPassing) = (Math.Min(end, start + whole + 1), number + 1, false);
        }

        if (isPassing)
        {
            yield return new(number, null);
        }
    }

    private static byte[] Widened(byte[] buffer, int start, int end, int lineBytesMax)
    {
        if (end - start < buffer.Length || buffer.Length > lineBytesMax)
        {
            return buffer;
        }

        Array.Resize(ref buffer, (int)Math.Min(lineBytesMax + 1L, buffer.Length * 2L));
        return buffer;
    }

    private static int Shifted(byte[] buffer, int start, int end)
    {
        buffer.AsSpan(start, end - start).CopyTo(buffer);
        return end - start;
    }
}
