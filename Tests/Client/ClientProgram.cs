using System.Diagnostics;

namespace PiGrid.Tests.Client;

/// <summary>Runs the built <c>pigrid</c> program as a real process.</summary>
internal static class ClientProgram
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    /// <summary>The folder of this build's own output of a project.</summary>
    public static string OutputOf(string project)
    {
        var framework = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.Combine(TestData.RepositoryRoot, project, "bin", framework.Parent!.Name, framework.Name);
    }

    /// <summary>Starts the program.</summary>
    public static Process Start(string[] arguments, IReadOnlyDictionary<string, string?>? environment = null, string? workingDirectory = null)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(OutputOf("Client"), "PiGrid.Client.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = workingDirectory ?? Path.GetTempPath(),
        };
        start.Environment.Remove("PIGRID_URL");
        start.Environment.Remove("PIGRID_KEY");
        foreach (var (key, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[key] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs the program to its end.</summary>
    public static async Task<ClientRun> RunAsync(string[] arguments, IReadOnlyDictionary<string, string?>? environment = null, string? workingDirectory = null)
    {
        using var process = Start(arguments, environment, workingDirectory);
        using var limit = new CancellationTokenSource(Longest);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}

/// <summary>What a run of the program left.</summary>
internal sealed record ClientRun(int ExitCode, string Output, string Errors);
