using System.CommandLine;
using PiGrid.Client.Demo;

namespace PiGrid.Client.Cli;

/// <summary>The <c>pigrid</c> command with all that it does.</summary>
internal static class CommandTree
{
    /// <summary>The root.</summary>
    public static RootCommand Create() => new("PiGrid: publish models, submit jobs, read verified results, look after nodes.")
    {
        GlobalOptions.Url,
        GlobalOptions.KeyFile,
        GlobalOptions.BootstrapFile,
        GlobalOptions.Json,
        new Command("model", "Model versions.")
        {
            ModelCommands.Push(),
            ModelCommands.List(),
            ModelCommands.Show(),
            ModelCommands.Load(),
            ModelCommands.Unload(),
        },
        InferCommand.Create(),
        new Command("job", "Jobs.")
        {
            JobSubmitCommand.Create(),
            JobEstimateCommand.Create(),
            JobCommands.Status(),
            JobCommands.Watch(),
            JobResultCommand.Create(),
            JobCommands.Cancel(),
            JobCommands.List(),
            JobCommands.Retry(),
        },
        new Command("receipt", "Receipts: the proof of a result.")
        {
            ReceiptCommands.Key(),
            ReceiptCommands.Show(),
            ReceiptCommands.Verify(),
        },
        new Command("node", "Nodes; for the operator.")
        {
            NodeCommands.List(),
            NodeCommands.Show(),
            NodeCommands.Drain(),
            NodeCommands.Ban(),
            NodeCommands.Unban(),
        },
        new Command("token", "API keys and enrolment tokens; for the operator.")
        {
            TokenCommands.Create(),
            TokenCommands.List(),
            TokenCommands.Rotate(),
            TokenCommands.Revoke(),
        },
        TopCommand.Create(),
        CompletionCommand.Create(),
        DemoCommand.Create(),
    };
}
