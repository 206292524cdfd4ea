namespace PiGrid.Models;

/// <summary>Which names a manifest's files may have: a path that stays inside the manifest's folder on every operating system.</summary>
internal static class ManifestFileRules
{
    private const int PathLengthMax = 255;

    /// <summary>Checks the model, the other files and the ringers.</summary>
    public static void Check(ModelManifest manifest, bool isPublished, FieldErrors errors)
    {
        if (manifest.Model is { } model)
        {
            Check(model, "model", isPublished, errors);
            if (model.Size == 0)
            {
                errors.Add("model.size", "empty", "the ONNX file is empty (0 bytes): give the whole file");
            }
        }

        CheckAll(manifest.Files, "files", 16, isPublished, errors);
        CheckAll(manifest.Ringers, "ringers", 64, isPublished, errors);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < manifest.Files.Count; i++)
        {
            if (manifest.Files[i] is { File: { } name } && !names.Add(name))
            {
                errors.Add($"files[{i}].file", "duplicate", $"'{name}' is given twice: give it once");
            }
        }
    }

    /// <summary>A reference to one of the manifest's files.</summary>
    public static void CheckReference(ModelManifest manifest, string? name, string field, FieldErrors errors)
    {
        if (name is not null && manifest.Files.All(f => f?.File != name))
        {
            errors.Add(field, "unknown_file", $"'{name}' is not among the manifest's files: add it to 'files'");
        }
    }

    private static void CheckAll(IReadOnlyList<ManifestFile> files, string field, int max, bool isPublished, FieldErrors errors)
    {
        if (!errors.Count(files.Count, 0, max, field, "files"))
        {
            return;
        }

        for (var i = 0; i < files.Count; i++)
        {
            if (errors.Present(files[i], $"{field}[{i}]", "null is no file: remove it"))
            {
                Check(files[i], $"{field}[{i}]", isPublished, errors);
            }
        }
    }

    private static void Check(ManifestFile file, string field, bool isPublished, FieldErrors errors)
    {
        if (!IsPath(file.File))
        {
            errors.Add(
                $"{field}.file", "invalid_path",
                $"'{file.File}' is no path relative to the manifest: use '/' between names of 1 to {PathLengthMax} characters together, "
                + "without '..', '.', '\\', ':' or control characters");
        }

        if (file.Size < 0)
        {
            errors.Add($"{field}.size", "out_of_range", $"{file.Size} is no size in bytes");
        }

        if (isPublished)
        {
            errors.Present(file.Sha256, $"{field}.sha256", "a published manifest names each file's digest");
            errors.Present(file.Size, $"{field}.size", "a published manifest names each file's size");
        }
    }

    private static bool IsPath(string? path) =>
        path is { Length: > 0 and <= PathLengthMax }
        && !path.Any(c => char.IsControl(c) || c is '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|')
        && path.Split('/').All(part => part is not ("" or "." or "..") && !part.EndsWith(' ') && !part.EndsWith('.'));
}
