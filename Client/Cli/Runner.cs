using System.CommandLine;
using System.Runtime.InteropServices;

namespace PiGrid.Client.Cli;

/// <summary>Runs a command: cancels it on Ctrl-C and SIGTERM, and turns every kind of failure into a message and an exit code.</summary>
internal static class Runner
{
    /// <summary>Makes a command call <paramref name="action"/> with a grid client.</summary>
    public static void OnGrid(this Command command, Func<ParseResult, GridClient, Terminal, CancellationToken, Task<int>> action) =>
        command.OnItsOwn(async (parsed, terminal, stop) =>
        {
            using var grid = GlobalOptions.Connect(parsed);
            return await action(parsed, grid, terminal, stop);
        });

    /// <summary>Makes a command call <paramref name="action"/> without a grid.</summary>
    public static void OnItsOwn(this Command command, Func<ParseResult, Terminal, CancellationToken, Task<int>> action)
    {
        if (command.Options.All(option => option.Name != GlobalOptions.Format.Name))
        {
            command.Options.Add(GlobalOptions.Format);
        }

        command.SetAction((parsed, stop) => RunAsync(parsed, terminal => action(parsed, terminal, stop), stop));
    }

    /// <summary>Parses the arguments and runs the command that they name.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(RootCommand root, string[] arguments)
    {
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            var terminal = new Terminal(GlobalOptions.FormatOf(arguments));
            terminal.Fail("usage", string.Join(" ", parsed.Errors.Select(e => e.Message)) + " --help lists what there is.", []);
            return ExitCode.Usage;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = OnSignal(PosixSignal.SIGINT, stop);
        using var terminate = OnSignal(PosixSignal.SIGTERM, stop);
        using var hangUp = OnSignal(PosixSignal.SIGHUP, stop);

        // System.CommandLine's own handling ends the process after a grace, whatever still has to be cleaned up; ours waits.
        var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
        return await parsed.InvokeAsync(invocation, stop.Token);
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            // A second signal ends the process at once, for whoever does not want to wait.
            context.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        });

    private static async Task<int> RunAsync(ParseResult parsed, Func<Terminal, Task<int>> action, CancellationToken stop)
    {
        var terminal = new Terminal(GlobalOptions.FormatOf(parsed));
        try
        {
            return await action(terminal);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            terminal.Fail("cancelled", "cancelled.", []);
            return ExitCode.Cancelled;
        }
        catch (UsageException e)
        {
            terminal.Fail("usage", e.Message, []);
            return ExitCode.Usage;
        }
        catch (ManifestException e)
        {
            terminal.Fail("invalid_manifest", e.Message, e.Fields);
            return ExitCode.Usage;
        }
        catch (GridApiException e)
        {
            terminal.Fail(e.Code, e.Message, e.Fields);
            return ExitCode.Refused;
        }
        catch (GridUnreachableException e)
        {
            terminal.Fail("unreachable", e.Message, []);
            return ExitCode.Unreachable;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CommandFailedException)
        {
            terminal.Fail("failed", e.Message, []);
            return ExitCode.Failed;
        }
    }
}
