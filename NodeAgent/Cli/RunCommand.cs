using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Console;
using PiGrid.NodeAgent.Faults;
using PiGrid.NodeAgent.Telemetry;

namespace PiGrid.NodeAgent.Cli;

/// <summary>The command <c>run</c>.</summary>
internal static class RunCommand
{
    /// <summary>The variable that may carry the token, since command lines can be read by everybody on the machine.</summary>
    public const string TokenVariable = "PIGRID_TOKEN";

    /// <summary>The command.</summary>
    public static Command Build()
    {
        var grid = new Option<string>("--grid") { Description = "The grid's address, such as https://grid.example.org.", Required = true };
        var data = new Option<string>("--data") { Description = "The folder for this node's key, preferences, models and results; made when it is not there.", Required = true };
        var token = new Option<string?>("--token") { Description = $"The enrolment token; needed for the first run alone. Also {TokenVariable}." };
        var tokenFile = new Option<string?>("--token-file") { Description = "A file that holds the enrolment token." };
        var owner = new Option<string?>("--owner") { Description = "Your name as the owner of this and other nodes." };
        var preferences = new Option<string?>("--preferences") { Description = "What you allow; preferences.json in the data folder by default." };
        var slots = new Option<int?>("--slots") { Description = "Pieces of work at once, 1 to 1024; one per processor by default." };
        var callsAhead = new Option<int?>("--calls-ahead") { Description = "Online calls that wait here for a free slot, so that their inputs are there by then, 0 to 1024; twice the slots by default." };
        var coalesce = new Option<int?>("--coalesce-ms") { Description = "The longest time in ms that a call's output waits for others to leave with it, while calls wait for slots, 0 to 1000; 50 by default, 0 for none." };
        var region = new Option<string?>("--region") { Description = "Where this computer is, such as eu-west." };
        var insecure = new Option<bool>("--insecure") { Description = "Allow plain HTTP to another machine." };
        var fault = new Option<Fault>("--fault") { Description = "For tests against a grid on this machine: forge, crash, slow or stall." };
        var exitWithStdin = new Option<bool>("--exit-with-stdin") { Description = "End when standard input closes, with the program that started the agent." };
        Bound(slots, 1, 1024);
        Bound(callsAhead, 0, 1024);
        Bound(coalesce, 0, 1000);
        var command = new Command("run", "Lends this computer to a grid.") { grid, data, token, tokenFile, owner, preferences, slots, callsAhead, coalesce, region, insecure, fault, exitWithStdin };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(exitWithStdin), () => new AgentSettings
        {
            Grid = parsed.GetRequiredValue(grid),
            Data = parsed.GetRequiredValue(data),
            Token = TokenOf(parsed.GetValue(token), parsed.GetValue(tokenFile)),
            Owner = parsed.GetValue(owner),
            Preferences = parsed.GetValue(preferences),
            Slots = parsed.GetValue(slots),
            CallsAhead = parsed.GetValue(callsAhead),
            CoalesceMax = parsed.GetValue(coalesce) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
            Region = parsed.GetValue(region),
            Insecure = parsed.GetValue(insecure),
            Fault = parsed.GetValue(fault),
        }));
        return command;
    }

    private static void Bound(Option<int?> option, int least, int most) => option.Validators.Add(result =>
    {
        // The text, as asking for the value throws where it is no number.
        if (result.Tokens is [{ Value: var text }]
            && (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var given) || given < least || given > most))
        {
            result.AddError($"{option.Name} is {least} to {most}.");
        }
    });

    private static async Task<int> RunAsync(bool exitWithStdin, Func<AgentSettings> read)
    {
        using var loggers = LoggerFactory.Create(builder => builder
            .SetMinimumLevel(LogLevel.Information)
            .AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace)
            .AddSimpleConsole(o =>
            {
                o.SingleLine = true;
                o.TimestampFormat = "yyyy-MM-dd HH:mm:ss.fff ";
                o.ColorBehavior = LoggerColorBehavior.Disabled;
            }));
        using var telemetry = AgentTelemetry.Start(Environment.GetEnvironmentVariable);
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, s => Stop(s, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, s => Stop(s, stop));
        if (exitWithStdin)
        {
            _ = EndWithStdinAsync();
        }

        try
        {
            await using var agent = Agent.Create(read(), TimeProvider.System, loggers);
            await agent.RunAsync(stop.Token);
            return (int)ExitCode.Done;
        }
        catch (AgentException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return (int)e.Code;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return (int)ExitCode.Done;
        }
    }

    // Whoever started the agent is gone, even if it was killed: there is nobody to finish the work for. A thread of its own waits, as console
    // streams know no asynchronous reads.
    private static Task EndWithStdinAsync() => Task.Factory.StartNew(
        () =>
        {
            using var input = Console.OpenStandardInput();
            var buffer = new byte[256];
            while (input.Read(buffer) > 0)
            {
                // What it says does not matter.
            }

            Environment.Exit((int)ExitCode.Interrupted);
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = true;
        if (stop.IsCancellationRequested)
        {
            Environment.Exit((int)ExitCode.Interrupted);
        }

        stop.Cancel();
    }

    private static string? TokenOf(string? token, string? file)
    {
        try
        {
            return (token, file) switch
            {
                ({ Length: > 0 }, null) => token,
                ({ Length: > 0 }, _) => throw new AgentException(ExitCode.BadUsage, "Give --token or --token-file, not both."),
                (_, { Length: > 0 }) => File.ReadAllText(file).Trim(),
                _ => Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } value ? value : null,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentException(ExitCode.BadUsage, $"--token-file: '{file}' cannot be read: {e.Message}");
        }
    }
}
