using System.CommandLine;
using PiGrid.NodeAgent;
using PiGrid.NodeAgent.Cli;
using PiGrid.NodeAgent.Workers.Inside;

// A worker starts often and is waited for: it takes no way through the command line.
if (args is ["worker", .. var area])
{
    return WorkerProgram.Run(area.FirstOrDefault());
}

var parsed = new RootCommand("PiGrid's node agent: lends this computer to a grid by its owner's rules.") { RunCommand.Build() }.Parse(args);

// The command handles Ctrl-C and SIGTERM itself; the library would end the process two seconds later, in the middle of the work to finish.
var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
return parsed.Errors.Count > 0 ? (int)ExitCode.BadUsage : code;
