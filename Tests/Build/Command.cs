using System.Diagnostics;

namespace PiGrid.Tests.Build;

/// <summary>A program that was run to its end.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output and error, together.</param>
internal sealed record Command(int ExitCode, string Output)
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(5);

    /// <summary>Runs a program; a variable whose value is null is taken out of its environment.</summary>
    /// <exception cref="TimeoutException">It has not ended within five minutes, and was killed.</exception>
    public static async Task<Command> RunAsync(string program, string[] arguments, params (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = TestData.RepositoryRoot,
        };
        // The test host's own MSBuild and .NET settings must not reach a build of its own.
        foreach (string name in start.Environment.Keys.Where(n => n.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || n == "DOTNET_HOST_PATH").ToArray())
        {
            start.Environment.Remove(name);
        }
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(EndsWithin);
            return new Command(process.ExitCode, await output + await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>The output, when the program succeeded; else the test fails and shows it.</summary>
    public string AssertSucceeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}:\n{Output}");
        return Output;
    }

    /// <summary>The output, when the program failed; else the test fails and shows it.</summary>
    public string AssertFailed()
    {
        Assert.True(ExitCode != 0, $"it succeeded:\n{Output}");
        return Output;
    }
}
