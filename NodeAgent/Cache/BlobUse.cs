namespace PiGrid.NodeAgent.Cache;

/// <summary>A blob in use: its checked bytes, and the hold that keeps it on disk.</summary>
/// <param name="release">Gives the hold back.</param>
internal sealed class BlobUse(Action release) : IDisposable
{
    private Action? _release = release;

    /// <summary>The blob's bytes.</summary>
    public byte[] Bytes { get; set; } = [];

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
