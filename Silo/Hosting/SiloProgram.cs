using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Backup;
using PiGrid.Silo.Maintenance;
using PiGrid.Silo.Startup;

namespace PiGrid.Silo.Hosting;

/// <summary>The silo as a program: starts it, says in one line where it is or why it cannot be, and runs until it is told to stop.</summary>
internal static class SiloProgram
{
    /// <summary>Runs until Ctrl-C or SIGTERM.</summary>
    /// <returns>The exit status; see <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter errors)
    {
        if (args.Contains("--help"))
        {
            await output.WriteLineAsync(CommandLine.Help);
            return (int)ExitCode.Ok;
        }

        try
        {
            if (args is ["backup" or "restore", ..])
            {
                await MaintainAsync(args[0], [.. args.Skip(1)], output, errors);
                return (int)ExitCode.Ok;
            }

            await using var app = SiloHost.Build(args);
            if (app.Services.GetRequiredService<IOptions<SiloOptions>>().Value.ExitWithStdin)
            {
                _ = StopWithStdinAsync(app.Lifetime);
            }

            await StartAsync(app);
            await output.WriteLineAsync(SiloHost.Describe(app));
            await output.FlushAsync();
            await app.WaitForShutdownAsync();
            return (int)ExitCode.Ok;
        }
        catch (Exception e) when (Explain(e) is { } failure)
        {
            foreach (var error in failure.Errors)
            {
                await errors.WriteLineAsync("pigrid silo: " + error);
            }

            return (int)failure.Code;
        }
#pragma warning disable CA1031 // The last frame of the program: what nobody foresaw is shown whole.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await errors.WriteLineAsync($"pigrid silo: it failed, which is a defect of this program: {e}");
            return (int)ExitCode.Failed;
        }
    }

    /// <summary>Starts a built silo; it is ready when this returns.</summary>
    public static async Task StartAsync(WebApplication app)
    {
        await app.StartAsync();
        await app.Services.GetRequiredService<StartUp>().RunAsync(app.Lifetime.ApplicationStopping);
    }

    private static Task MaintainAsync(string command, IReadOnlyList<string> args, TextWriter output, TextWriter errors) => command == "backup"
        ? BackupCommand.RunAsync(MaintenanceSettings.Read(args, "--to"), output, errors, CancellationToken.None)
        : RestoreCommand.RunAsync(MaintenanceSettings.Read(args, "--from"), output, CancellationToken.None);

    // Console streams know no asynchronous reads: a pool thread waits for the end of input.
    private static Task StopWithStdinAsync(IHostApplicationLifetime lifetime) => Task.Factory.StartNew(
        () =>
        {
            using var input = Console.OpenStandardInput();
            var buffer = new byte[256];
            while (input.Read(buffer) > 0)
            {
                // What it says does not matter.
            }

            lifetime.StopApplication();
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private static StartFailedException? Explain(Exception e) => e switch
    {
        StartFailedException failure => failure,
        StorageException { OfServer: true } => new(ExitCode.Database, [e.Message], e),
        StorageException => new(ExitCode.DataFolder, [e.Message], e),
        BackupException => new(ExitCode.Backup, [e.Message], e),
        InvalidDataException => new(ExitCode.InvalidSettings, [$"{e.Message} {e.InnerException?.Message}"], e),
        IOException { InnerException: AddressInUseException } => new(
            ExitCode.Address, [$"{e.Message.TrimEnd('.')}: stop the program that listens there, or name another address with --urls."], e),
        System.Net.Sockets.SocketException or IOException { InnerException: System.Net.Sockets.SocketException } => new(
            ExitCode.Address, [$"The address of --urls cannot be listened on: {e.Message}"], e),
        _ => null,
    };
}
