namespace PiGrid.Client;

/// <summary>One input of a job before it is uploaded: a file, or bytes in memory.</summary>
public sealed record InputSource
{
    // The bytes are nullable memory and not an array: a null array converts to empty memory, which would make every file an empty input.
    private InputSource(string name, string? path, ReadOnlyMemory<byte>? data) => (Name, Path, Data) = (name, path, data);

    /// <summary>A name for people; nodes never see it.</summary>
    public string Name { get; }

    /// <summary>The file; null for bytes in memory.</summary>
    public string? Path { get; }

    /// <summary>The bytes; null for a file.</summary>
    public ReadOnlyMemory<byte>? Data { get; }

    /// <summary>A file, under its own name or another.</summary>
    public static InputSource FromFile(string path, string? name = null) => new(name ?? System.IO.Path.GetFileName(path), path, null);

    /// <summary>Bytes in memory.</summary>
    public static InputSource FromBytes(string name, byte[] data) => new(name, null, data);

    /// <summary>UTF-8 text.</summary>
    public static InputSource FromText(string name, string text) => new(name, null, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Its length in bytes.</summary>
    /// <exception cref="IOException">The file is missing.</exception>
    internal long Length => Data?.Length ?? new FileInfo(Path!).Length;
}
