namespace PiGrid.Silo.Startup;

internal sealed partial class Resumption
{
    [LoggerMessage(LogLevel.Information, "Resumed {Jobs} jobs, {Batches} batches and {Models} model validations")]
    private partial void Resumed(int jobs, int batches, int models);

    [LoggerMessage(LogLevel.Error, "{Id} of {List} could not be resumed; it goes on at its next reminder or call")]
    private partial void NotResumed(Exception e, string list, string id);

    [LoggerMessage(LogLevel.Error, "What is open could not be resumed after the store returned; it goes on at its next call, or when the store returns again")]
    private partial void NotResumedAgain(Exception e);
}
