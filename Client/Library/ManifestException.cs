namespace PiGrid.Client;

/// <summary>A manifest, or a file that it names, cannot be used; the message names the file and what to do.</summary>
public sealed class ManifestException : Exception
{
    /// <summary>With what is wrong.</summary>
    public ManifestException(string message, IReadOnlyList<FieldError> fields, Exception? inner = null)
        : base(message, inner) => Fields = fields;

    /// <summary>Every invalid field of the manifest; empty when it is about a file.</summary>
    public IReadOnlyList<FieldError> Fields { get; }
}
