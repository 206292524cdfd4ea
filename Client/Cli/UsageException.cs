namespace PiGrid.Client.Cli;

/// <summary>What the command line asks for cannot be done as it is; the message names the option or file and the remedy.</summary>
internal sealed class UsageException(string message) : Exception(message);
