namespace Orleans;

/// <summary>Why an activation ends.</summary>
public readonly struct DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
{
    /// <summary>A reason without an exception.</summary>
    public DeactivationReason(DeactivationReasonCode code, string text) : this(code, null, text) { }

    /// <summary>The reason in words.</summary>
    public string Description { get; } = text;

    /// <summary>The kind of reason.</summary>
    public DeactivationReasonCode ReasonCode { get; } = code;

    /// <summary>What failed, if something did.</summary>
    public Exception? Exception { get; } = exception;

    /// <inheritdoc/>
    public override string ToString() => Exception is null
        ? $"{ReasonCode}: {Description}"
        : $"{ReasonCode}: {Description}. Exception: {Exception}";
}

/// <summary>Kinds of reasons to deactivate; the embedded engine uses those that a single silo can have.</summary>
[GenerateSerializer]
public enum DeactivationReasonCode : byte
{
    /// <summary>None given.</summary>
    None,

    /// <summary>The silo stops.</summary>
    ShuttingDown,

    /// <summary>Construction, reading the state or OnActivateAsync failed.</summary>
    ActivationFailed,

    /// <summary>Not in the embedded engine: it has no directory.</summary>
    DirectoryFailure,

    /// <summary>Idle for longer than the collection age.</summary>
    ActivationIdle,

    /// <summary>Did not finish in time.</summary>
    ActivationUnresponsive,

    /// <summary>Not in the embedded engine: one silo has no duplicates.</summary>
    DuplicateActivation,

    /// <summary>Not in the embedded engine: interfaces have one version.</summary>
    IncompatibleRequest,

    /// <summary>An InconsistentStateException left the grain.</summary>
    ApplicationError,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested,

    /// <summary>Not in the embedded engine: there is nowhere to go.</summary>
    Migrating,

    /// <summary>The engine asked for it.</summary>
    RuntimeRequested,

    /// <summary>Not in the embedded engine.</summary>
    HighMemoryPressure,
}
