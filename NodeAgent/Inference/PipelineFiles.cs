using PiGrid.Models;

namespace PiGrid.Inference;

/// <summary>The bytes that a pipeline is made of.</summary>
public sealed record PipelineFiles
{
    /// <summary>The ONNX file; null for a pipeline without a model step.</summary>
    public byte[]? Model { get; init; }

    /// <summary>The other files, by the names that the manifest gives them.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; init; } = new Dictionary<string, byte[]>();

    /// <summary>Reads the files that a manifest names from the folder that they are relative to; its ringers are not read.</summary>
    /// <exception cref="PipelineException">One is missing or cannot be read, or is not the one whose digest the manifest states.</exception>
    public static PipelineFiles FromFolder(ModelManifest manifest, string folder)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        List<FieldError> errors = [];
        var model = manifest.Model is { } file ? Read(file, folder, "model", errors) : null;
        Dictionary<string, byte[]> files = new(StringComparer.Ordinal);
        for (var i = 0; i < manifest.Files.Count; i++)
        {
            if (Read(manifest.Files[i], folder, $"files[{i}]", errors) is { } bytes)
            {
                files[manifest.Files[i].File] = bytes;
            }
        }

        return errors.Count == 0 ? new() { Model = model, Files = files } : throw new PipelineException(errors);
    }

    private static byte[]? Read(ManifestFile file, string folder, string field, List<FieldError> errors)
    {
        try
        {
            var bytes = File.ReadAllBytes(Path.Combine(folder, file.File));
            if (file.Sha256 is not { } digest || digest == Sha256.Of(bytes))
            {
                return bytes;
            }

            errors.Add(new($"{field}.sha256", "digest", $"the file '{file.File}' has another digest ({Sha256.Of(bytes)}): give the file that the manifest means"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(new($"{field}.file", "unreadable", $"the file '{file.File}' cannot be read: {e.Message}"));
        }

        return null;
    }
}
