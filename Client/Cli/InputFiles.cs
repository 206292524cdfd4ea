using Microsoft.Extensions.FileSystemGlobbing;
using Microsoft.Extensions.FileSystemGlobbing.Abstractions;
using PiGrid.Models;

namespace PiGrid.Client.Cli;

/// <summary>
/// Turns what people write on a command line into inputs: a file is one input, a folder all files in it (of the kind that the model takes), and
/// a pattern with <c>*</c>, <c>**</c> or <c>?</c> all files that it matches. Folders and patterns are read in the order of their paths.
/// </summary>
internal static class InputFiles
{
    /// <summary>The inputs.</summary>
    /// <param name="patterns">Files, folders, patterns.</param>
    /// <param name="kind">What the model takes; null when unknown, and then every file of a folder counts.</param>
    /// <exception cref="UsageException">One of them names no file; the message says which, all at once.</exception>
    public static List<InputSource> Resolve(IReadOnlyList<string> patterns, InputKind? kind)
    {
        var inputs = new List<InputSource>();
        var errors = new List<string>();
        foreach (var pattern in patterns)
        {
            var before = inputs.Count;
            if (File.Exists(pattern))
            {
                inputs.Add(InputSource.FromFile(pattern));
            }
            else if (Directory.Exists(pattern))
            {
                AddAll(inputs, pattern, FilesOf(pattern).Where(path => IsOf(kind, path)));
            }
            else if (pattern.AsSpan().IndexOfAny('*', '?') >= 0)
            {
                var (folder, rest) = SplitPattern(pattern);
                AddAll(inputs, folder, Match(folder, rest));
            }

            if (inputs.Count == before)
            {
                errors.Add($"'{pattern}' names no {(kind is { } k ? $"file that holds {Tables.Word(k)} input" : "file")}");
            }
        }

        return errors.Count == 0 ? inputs : throw new UsageException($"Not all inputs can be found: {string.Join("; ", errors)}.");
    }

    private static void AddAll(List<InputSource> inputs, string folder, IEnumerable<string> paths) =>
        inputs.AddRange(paths.Order(StringComparer.Ordinal).Select(path =>
            InputSource.FromFile(path, Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'))));

    private static IEnumerable<string> FilesOf(string folder) => Directory.EnumerateFiles(
        folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System });

    private static bool IsOf(InputKind? kind, string path)
    {
        var ending = Path.GetExtension(path).ToLowerInvariant();
        return kind is null || kind.Value switch
        {
            InputKind.Image => ending is ".jpg" or ".jpeg" or ".png",
            InputKind.Text => ending is ".txt",
            InputKind.Tensors => ending is ".json",
        };
    }

    // The leading parts without wildcards are the folder in which the rest is matched.
    private static (string Folder, string Pattern) SplitPattern(string pattern)
    {
        var parts = (OperatingSystem.IsWindows() ? pattern.Replace('\\', '/') : pattern).Split('/');
        var plain = parts.TakeWhile(p => p.AsSpan().IndexOfAny('*', '?') < 0).Count();
        var folder = string.Join('/', parts[..plain]);
        return (plain > 0 && folder.Length == 0 ? "/" : folder.Length == 0 ? "." : folder, string.Join('/', parts[plain..]));
    }

    private static IEnumerable<string> Match(string folder, string pattern)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        // The matcher knows no '?': it is matched as '*' and then checked for the length that it asks for.
        var matcher = new Matcher(StringComparison.Ordinal);
        matcher.AddInclude(pattern.Replace('?', '*'));
        var found = matcher.Execute(new DirectoryInfoWrapper(new DirectoryInfo(folder))).Files.Select(f => f.Path);
        return found
            .Where(path => !Path.GetFileName(path).StartsWith('.'))
            .Where(path => !pattern.Contains('?', StringComparison.Ordinal)
                || System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(Path.GetFileName(pattern), Path.GetFileName(path), ignoreCase: false))
            .Select(path => Path.Combine(folder, path));
    }
}
