namespace PiGrid.Silo.Startup;

internal sealed partial class Resumption
{
    [LoggerMessage(LogLevel.Information, "Resumed {Jobs} jobs and {Models} model validations")]
    private partial void Resumed(int jobs, int models);

    [LoggerMessage(LogLevel.Error, "{Id} of {List} could not be resumed; it goes on at its next reminder or call")]
    private partial void NotResumed(Exception e, string list, string id);
}
