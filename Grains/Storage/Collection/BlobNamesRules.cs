using System.Buffers.Text;

namespace PiGrid.Grains.Storage.Collection;

/// <summary>
/// Which blobs does a stored record name? Every run of exactly 64 lower-case hexadecimal characters in it may be a digest and counts as one. So no record
/// type has to be known here, one that a later release adds included; a chance match keeps a blob too long, and nothing that is named can be missed.
/// </summary>
internal static class BlobNamesRules
{
    private const int NameLength = Sha256.Length * 2;

    /// <summary>Adds the short names of all digests in a record's text.</summary>
    public static void AddNames(ReadOnlySpan<byte> text, HashSet<ulong> names)
    {
        for (var start = 0; start < text.Length;)
        {
            var length = 0;
            while (start + length < text.Length && IsHex(text[start + length]))
            {
                length++;
            }

            if (length == NameLength && Utf8Parser.TryParse(text.Slice(start, 16), out ulong name, out var read, 'x') && read == 16)
            {
                names.Add(name);
            }

            start += length + 1;
        }
    }

    /// <summary>
    /// The first 8 bytes of a digest: what a set of millions of names has room for. Two digests that share them (for ten million names, one blob in two
    /// trillion) keep each other.
    /// </summary>
    public static ulong ShortName(Sha256 digest) => System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(digest.ToArray());

    private static bool IsHex(byte c) => c is (>= (byte)'0' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'f');
}
