using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PiGrid.Protocol;

/// <summary>A piece of a file.</summary>
/// <param name="Offset">Where it begins, from 0.</param>
/// <param name="Length">Its length in bytes, over 0.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.ByteRange")]
public sealed record ByteRange([property: Id(0)] long Offset, [property: Id(1)] int Length);

/// <summary>
/// Asks for proof that a node has a model's exact bytes. The nonce is fresh and the ranges are random, so that neither an earlier answer nor the
/// model's digest, which everybody knows, is of any help.
/// </summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ModelChallenge")]
public sealed record ModelChallenge
{
    /// <summary>The most ranges asked for at once.</summary>
    public const int RangesMax = 64;

    /// <summary>The most bytes asked for at once.</summary>
    public const int BytesMax = 4 << 20;

    /// <summary>The length of the nonce in bytes.</summary>
    public const int NonceLength = 32;

    /// <summary>The digest of the model's file.</summary>
    [Id(0)]
    public required Sha256 Model { get; init; }

    /// <summary>32 random bytes, used once.</summary>
    [Id(1)]
    public required byte[] Nonce { get; init; }

    /// <summary>What of the file is asked for.</summary>
    [Id(2)]
    public required IReadOnlyList<ByteRange> Ranges { get; init; }

    /// <summary>What is wrong with the challenge; null when nothing is.</summary>
    public string? Problem =>
        Nonce.Length != NonceLength ? $"its nonce has {Nonce.Length} bytes instead of {NonceLength}"
        : Ranges.Count is 0 or > RangesMax ? $"it has {Ranges.Count} ranges; 1 to {RangesMax} are answered"
        : Ranges.Any(r => r.Offset < 0 || r.Length is <= 0 or > BytesMax) ? "a range is not inside a file"
        : Ranges.Sum(r => (long)r.Length) > BytesMax ? $"it asks for more than {BytesMax} bytes"
        : null;

    /// <summary>
    /// The answer: the SHA-256 of <c>pigrid-model-proof/1</c> in ASCII, the nonce, and for each range its offset (8 bytes, big-endian), its length (4 bytes,
    /// big-endian) and the file's bytes there.
    /// </summary>
    /// <param name="file">The model's file; seekable.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="EndOfStreamException">The file is shorter than a range says.</exception>
    public async Task<Sha256> AnswerAsync(Stream file, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("pigrid-model-proof/1"u8);
        hash.AppendData(Nonce);
        var head = new byte[12];
        var bytes = new byte[Ranges.Max(r => r.Length)];
        foreach (var range in Ranges)
        {
            BinaryPrimitives.WriteInt64BigEndian(head, range.Offset);
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(8), range.Length);
            hash.AppendData(head);
            file.Position = range.Offset;
            await file.ReadExactlyAsync(bytes.AsMemory(0, range.Length), cancellationToken);
            hash.AppendData(bytes.AsSpan(0, range.Length));
        }

        return new Sha256(hash.GetHashAndReset());
    }
}
