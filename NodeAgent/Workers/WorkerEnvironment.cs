using System.Diagnostics;

namespace PiGrid.NodeAgent.Workers;

/// <summary>What a worker process is started with: no variable that it does not need, an empty folder, three streams.</summary>
internal static class WorkerEnvironment
{
    // The runtime's location, the system's own, and what GPU drivers look for.
    private static readonly string[] Kept =
    [
        "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64", "SystemRoot", "WINDIR",
        "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_PATH", "VK_ICD_FILENAMES", "VK_DRIVER_FILES",
    ];

    /// <summary>The command that starts this very program again as a worker.</summary>
    public static IReadOnlyList<string> ThisProgram()
    {
        var process = Environment.ProcessPath ?? throw new InvalidOperationException("The system does not say which program this is.");
        var hostedByDotnet = Path.GetFileNameWithoutExtension(process).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return hostedByDotnet ? [process, Path.Combine(AppContext.BaseDirectory, "PiGrid.NodeAgent.dll")] : [process];
    }

    /// <summary>How to start a worker.</summary>
    /// <param name="program">The program and its leading arguments.</param>
    /// <param name="folder">Its own, empty folder.</param>
    /// <param name="area">Where its <see cref="InputArea"/> is; null for none.</param>
    public static ProcessStartInfo Describe(IReadOnlyList<string> program, string folder, string? area)
    {
        var start = new ProcessStartInfo(program[0])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in program.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        start.ArgumentList.Add("worker");
        if (area is not null)
        {
            start.ArgumentList.Add(area);
        }

        start.Environment.Clear();
        foreach (var name in Kept)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                start.Environment[name] = value;
            }
        }

        start.Environment["TMPDIR"] = folder;
        start.Environment["TEMP"] = folder;
        start.Environment["TMP"] = folder;

        // ONNX Runtime's official builds report each model and session to their maker and keep a database of that in the home folder (since
        // 1.29 on Linux too). Neither a volunteer's machine nor a stranger's model is theirs to report.
        start.Environment["ORT_DISABLE_TELEMETRY"] = "1";

        // No debugger's door into a process that runs strangers' models.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return start;
    }
}
