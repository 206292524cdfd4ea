using PiGrid.Client.Cli;
using PiGrid.Models;

namespace PiGrid.Client.Demo;

/// <summary>
/// One demo from beginning to end: start a grid, publish the model, submit the pictures, kill a node while it holds a lease, and check what was
/// accepted. Whatever happens, nothing is left running.
/// </summary>
internal sealed class DemoRun(DemoOptions options, Terminal terminal)
{
    /// <summary>Runs the demo.</summary>
    /// <returns>An <see cref="ExitCode"/>: <see cref="ExitCode.Ok"/> only if everything holds.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var folder = options.Keep is { } keep
            ? Directory.CreateDirectory(keep).FullName
            : Directory.CreateTempSubdirectory("pigrid-demo-").FullName;
        try
        {
            var model = await ManifestFolder.LoadAsync(options.Manifest, cancellationToken);
            await using var grid = await Limit(
                options.StartMax,
                "not all nodes were connected",
                stop => DemoGrid.StartAsync(options.Plan, folder, terminal.Say, stop),
                cancellationToken);
            void AtExit(object? sender, EventArgs e) => grid.KillAll();
            AppDomain.CurrentDomain.ProcessExit += AtExit;
            try
            {
                await Limit(options.StartMax, "the model was not ready", stop => PublishAsync(grid, model, stop), cancellationToken);
                var job = await Limit(
                    options.JobMax,
                    "not all pictures had a verified result",
                    stop => DemoJob.RunAsync(options, grid, model.Sealed.Ref, terminal, stop),
                    cancellationToken);
                var report = await DemoVerdict.MakeAsync(options, grid, model, job, PictureFolderOf(folder), cancellationToken);
                terminal.Answer(report, console => DemoSummary.Write(console, report));
                return report.Failures.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
            }
            finally
            {
                AppDomain.CurrentDomain.ProcessExit -= AtExit;
            }
        }
        finally
        {
            if (options.Keep is null)
            {
                TryDelete(folder);
            }
        }
    }

    private async Task<ModelStatus> PublishAsync(DemoGrid grid, ManifestFolder model, CancellationToken cancellationToken)
    {
        terminal.Say($"All nodes are connected. Publishing {model.Sealed.Ref} ...");
        var status = await grid.Client.PublishAsync(model, cancellationToken);
        if (status.State == ModelState.Pending)
        {
            status = await grid.Client.WaitForModelAsync(status.Ref, cancellationToken);
        }

        return status.State == ModelState.Ready
            ? status
            : throw new CommandFailedException($"The operator node rejected {status.Ref}: {status.Reason}");
    }

    // Annotated pictures outlive the demo: in the kept folder, or in the user's own data, where the next demo replaces them.
    private string PictureFolderOf(string folder)
    {
        if (options.Keep is not null)
        {
            return Path.Combine(folder, "pictures");
        }

        var own = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        return own.Length > 0 ? Path.Combine(own, "pigrid", "demo") : Path.Combine(Directory.GetCurrentDirectory(), "pigrid-demo");
    }

    private static async Task<T> Limit<T>(TimeSpan longest, string what, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(longest);
        try
        {
            return await work(limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandFailedException($"After {longest.TotalSeconds:0} s {what}. --keep DIR keeps the programs' logs.", e);
        }
    }

    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"pigrid: {folder} could not be removed: {e.Message}");
        }
    }
}
