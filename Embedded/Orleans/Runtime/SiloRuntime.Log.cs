namespace Orleans.Embedded;

internal sealed partial class SiloRuntime
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Activating {Grain} failed")]
    public partial void LogActivationFailed(Exception failure, GrainId grain);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deactivating {Grain} ({Reason}) failed")]
    public partial void LogDeactivationFailed(Exception failure, GrainId grain, DeactivationReason reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A timer of {Grain} failed")]
    public partial void LogTimerFailed(Exception failure, GrainId grain);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} activations did not deactivate in time")]
    private partial void LogStopIncomplete(int count);
}
