namespace PiGrid.Client;

/// <summary>A manifest, or a file that it names, cannot be read; the message names the file and what to do.</summary>
public sealed class ManifestException : Exception
{
    /// <summary>With what is wrong.</summary>
    public ManifestException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
