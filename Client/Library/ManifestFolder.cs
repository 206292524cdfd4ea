using System.Security.Cryptography;
using PiGrid.Models;

namespace PiGrid.Client;

/// <summary>A manifest on disk with the files that it names, hashed: what publishing needs.</summary>
public sealed class ManifestFolder
{
    private readonly Dictionary<string, string> _paths;

    private ManifestFolder(ModelManifest manifest, string folder, Dictionary<string, string> paths) =>
        (Sealed, Folder, _paths) = (manifest, folder, paths);

    /// <summary>The folder that the manifest's files are relative to.</summary>
    public string Folder { get; }

    /// <summary>The manifest with the digest and size of every file filled in.</summary>
    public ModelManifest Sealed { get; }

    /// <summary>The files on disk, each once.</summary>
    public IReadOnlyCollection<string> Paths => _paths.Values;

    /// <summary>Reads a manifest and hashes its files.</summary>
    /// <param name="path">The manifest's path; files are found relative to its folder.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="ManifestException">The manifest is no valid JSON of a manifest, or a file is missing, outside the folder or not as stated.</exception>
    public static async Task<ManifestFolder> LoadAsync(string path, CancellationToken cancellationToken = default)
    {
        var manifest = await ReadAsync(path, cancellationToken).ConfigureAwait(false);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);

        async Task<ManifestFile> Seal(ManifestFile file, string field)
        {
            var (at, filled) = await SealAsync(path, folder, file, field, cancellationToken).ConfigureAwait(false);
            paths[file.File] = at;
            return filled;
        }

        var model = manifest.Model is null ? null : await Seal(manifest.Model, "model").ConfigureAwait(false);
        var files = new ManifestFile[manifest.Files.Count];
        for (var i = 0; i < files.Length; i++)
        {
            files[i] = await Seal(manifest.Files[i], $"files[{i}]").ConfigureAwait(false);
        }

        var ringers = new ManifestFile[manifest.Ringers.Count];
        for (var i = 0; i < ringers.Length; i++)
        {
            ringers[i] = await Seal(manifest.Ringers[i], $"ringers[{i}]").ConfigureAwait(false);
        }

        return new(manifest with { Model = model, Files = files, Ringers = ringers }, folder, paths);
    }

    private static async Task<ModelManifest> ReadAsync(string path, CancellationToken cancellationToken)
    {
        byte[] bytes;
        try
        {
            if (new FileInfo(path).Length > ManifestReader.BytesMax)
            {
                throw new ManifestException($"Manifest '{path}' is longer than {ManifestReader.BytesMax} bytes. Is it the model itself?", []);
            }

            bytes = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ManifestException($"Manifest '{path}' cannot be read: {e.Message}", [], e);
        }

        return ManifestReader.TryParse(bytes, out var manifest, out var errors)
            ? manifest
            : throw new ManifestException($"Manifest '{path}' is not valid; docs/manifest.md lists its fields.", errors);
    }

    private static async Task<(string Path, ManifestFile File)> SealAsync(
        string manifest,
        string folder,
        ManifestFile file,
        string field,
        CancellationToken cancellationToken)
    {
        var at = Path.GetFullPath(Path.Combine(folder, file.File));
        if (Path.IsPathRooted(file.File) || !at.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new ManifestException($"Manifest '{manifest}': {field} names '{file.File}', which is outside the manifest's folder. Put the file beside the manifest.", []);
        }

        try
        {
            await using var stream = File.OpenRead(at);
            var filled = file with { Sha256 = new Sha256(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false)), Size = stream.Length };
            return (file.Sha256 ?? filled.Sha256) == filled.Sha256 && (file.Size ?? filled.Size) == filled.Size
                ? (at, filled)
                : throw new ManifestException($"Manifest '{manifest}': {field} states another digest or size than '{at}' has ({filled.Sha256}, {filled.Size} bytes).", []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ManifestException($"Manifest '{manifest}': {field} '{file.File}' cannot be read: {e.Message}", [], e);
        }
    }
}
