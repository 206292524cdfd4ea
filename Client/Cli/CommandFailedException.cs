namespace PiGrid.Client.Cli;

/// <summary>A command was understood and tried, and failed; the message says at what.</summary>
internal sealed class CommandFailedException(string message, Exception? inner = null) : Exception(message, inner);
