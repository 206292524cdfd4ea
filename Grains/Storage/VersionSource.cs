using System.Globalization;
using System.Security.Cryptography;

namespace PiGrid.Grains.Storage;

/// <summary>
/// Versions of records, none ever given twice: a random start for each process and a counter. A counter in each record would start again
/// when a record is cleared and written anew, and an old writer would pass for the current one.
/// </summary>
internal sealed class VersionSource
{
    private readonly string _process = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    private long _last;

    /// <summary>A version that was never given before.</summary>
    public string Next() => string.Create(CultureInfo.InvariantCulture, $"{_process}-{Interlocked.Increment(ref _last)}");
}
