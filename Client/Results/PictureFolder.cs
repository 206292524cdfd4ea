using PiGrid.Client.Drawing;
using PiGrid.Inference.Imaging;

namespace PiGrid.Client.Results;

/// <summary>Writes each result's picture with the output drawn into it, as PNG.</summary>
internal static class PictureFolder
{
    /// <summary>Writes into a folder, which is made; returns how many pictures were written.</summary>
    public static async Task<int> WriteAsync(
        IAsyncEnumerable<JobResult> results,
        IResultPictures pictures,
        string folder,
        CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        await foreach (var result in results.WithCancellation(cancellationToken))
        {
            if (await pictures.NextAsync(result, cancellationToken) is { } picture)
            {
                var png = PngWriter.Write(Annotator.Draw(picture, result.Output));
                await File.WriteAllBytesAsync(Path.Combine(folder, NameOf(result.Name, taken)), png, cancellationToken);
            }
        }

        return taken.Count;
    }

    /// <summary>A file name for a result: its input's, made safe for any file system, and told apart from those taken.</summary>
    public static string NameOf(string input, HashSet<string> taken)
    {
        var safe = new string([.. Path.ChangeExtension(input, null)!.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')]).TrimStart('.');
        safe = safe.Length == 0 ? "picture" : safe[..Math.Min(safe.Length, 100)];
        var name = $"{safe}.png";
        for (var n = 2; !taken.Add(name); n++)
        {
            name = $"{safe}-{n}.png";
        }

        return name;
    }
}
