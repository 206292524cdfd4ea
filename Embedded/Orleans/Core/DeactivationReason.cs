namespace Orleans;

/// <summary>Why an activation ends.</summary>
public readonly record struct DeactivationReason(DeactivationReasonCode ReasonCode, Exception? Exception, string Description) {
    public DeactivationReason(DeactivationReasonCode code, string text) : this(code, null, text) { }

    public override string ToString() => $"{ReasonCode}: {Description}" + (Exception is null ? "" : $". Exception: {Exception}");
}

/// <summary>Kinds of reasons to deactivate, numbered as in Orleans; a single silo has no use for some of them.</summary>
[GenerateSerializer]
public enum DeactivationReasonCode : byte {
    None, ShuttingDown, ActivationFailed, DirectoryFailure, ActivationIdle, ActivationUnresponsive, DuplicateActivation,
    IncompatibleRequest, ApplicationError, ApplicationRequested, Migrating, RuntimeRequested, HighMemoryPressure,
}
