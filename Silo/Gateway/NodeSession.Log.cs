namespace PiGrid.Silo.Gateway;

/// <content>What is logged.</content>
internal sealed partial class NodeSession
{
    [LoggerMessage(LogLevel.Information, "Session of {Node} ended: {Reason}")]
    private partial void Ended(string node, string reason);

    [LoggerMessage(LogLevel.Debug, "Connection of {Node} broke: {Reason}")]
    private partial void Broken(string node, string reason);

    [LoggerMessage(LogLevel.Warning, "A message of {Node} was refused: {Code}")]
    private partial void Refused(string node, string code);

    [LoggerMessage(LogLevel.Debug, "{Node} has done {Done} inputs of {Lease}")]
    private partial void Progressed(string node, string lease, int done);

    [LoggerMessage(LogLevel.Error, "A {Message} of {Node} could not be handled")]
    private partial void NotRouted(Exception e, string node, string message);
}
