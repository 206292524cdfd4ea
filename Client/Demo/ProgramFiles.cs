using System.Runtime.InteropServices;
using PiGrid.Client.Cli;

namespace PiGrid.Client.Demo;

/// <summary>
/// Finds the built programs: in the sibling project's output of the same configuration, or beside this program where all of them were
/// published into one folder. Nothing is ever built here.
/// </summary>
internal static class ProgramFiles
{
    /// <summary>The path of <c>PiGrid.NAME.dll</c>.</summary>
    /// <param name="project">The project: <c>Silo</c> or <c>NodeAgent</c>.</param>
    /// <param name="baseDirectory">This program's folder.</param>
    /// <exception cref="CommandFailedException">The program is not built.</exception>
    public static string Find(string project, string baseDirectory)
    {
        var file = $"PiGrid.{project}.dll";
        var candidates = SiblingsOf(project, baseDirectory).Append(baseDirectory).Select(folder => Path.Combine(folder, file)).ToList();
        return candidates.Find(File.Exists) ?? throw new CommandFailedException(
            $"{file} was not found ({string.Join(", ", candidates)}): build the whole solution in the same configuration as this program.");
    }

    /// <summary>The command that runs it: the runtime that runs this program, with the program's file.</summary>
    public static (string File, string[] Arguments) CommandOf(string program)
    {
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var muxer = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return File.Exists(muxer)
            ? (muxer, ["exec", program])
            : (Path.ChangeExtension(program, OperatingSystem.IsWindows() ? ".exe" : null), []);
    }

    // .../Client/bin/CONFIGURATION/FRAMEWORK/ -> .../PROJECT/bin/CONFIGURATION/FRAMEWORK/; this project may lie deeper than the other.
    private static IEnumerable<string> SiblingsOf(string project, string baseDirectory)
    {
        var framework = new DirectoryInfo(Path.TrimEndingDirectorySeparator(baseDirectory));
        if (framework.Parent is not { Parent: { Name: "bin", Parent: { } own } } configuration)
        {
            yield break;
        }

        for (var root = own.Parent; root is not null; root = root.Parent)
        {
            var folder = Path.Combine(root.FullName, project, "bin", configuration.Name, framework.Name);
            if (Directory.Exists(folder))
            {
                yield return folder;
            }
        }
    }
}
