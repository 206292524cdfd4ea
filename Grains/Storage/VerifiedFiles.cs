using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace PiGrid.Grains.Storage;

/// <summary>
/// Which files are known to have the bytes that their names say. Each is read whole when it is first opened after a start, and again when its length
/// or time has changed since; so that every opening of a large model need not read it twice. Thread-safe.
/// </summary>
internal sealed class VerifiedFiles
{
    // A few dozen bytes each; beyond it all are forgotten and read again when they are opened.
    private const int CountMax = 200_000;

    private readonly ConcurrentDictionary<Sha256, (long Length, DateTime WrittenAt)> _known = new();

    /// <summary>The file, as it is now, has its bytes.</summary>
    public void Add(Sha256 digest, FileInfo file)
    {
        if (_known.Count >= CountMax)
        {
            _known.Clear();
        }

        _known[digest] = (file.Length, file.LastWriteTimeUtc);
    }

    /// <summary>Whether the file has the bytes that its name says; leaves the stream at its beginning.</summary>
    public async ValueTask<bool> CheckAsync(Sha256 digest, FileStream stream, CancellationToken cancellationToken)
    {
        var file = new FileInfo(stream.Name);
        if (file.Exists && _known.TryGetValue(digest, out var known) && known == (file.Length, file.LastWriteTimeUtc))
        {
            return true;
        }

        var found = new Sha256(await SHA256.HashDataAsync(stream, cancellationToken));
        stream.Position = 0;
        if (found != digest)
        {
            return false;
        }

        if (file.Exists)
        {
            Add(digest, file);
        }

        return true;
    }
}
