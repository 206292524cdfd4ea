namespace Orleans.Embedded;

/// <summary>Parts of an activation that most activations never need.</summary>
internal sealed class ActivationExtras
{
    private readonly Lazy<ActivationId> _id = new(ActivationId.NewId);
    private readonly Lazy<Enumerators> _enumerators = new(() => new Enumerators());

    public ActivationId Id => _id.Value;

    public TaskCompletionSource Deactivated { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HashSet<GrainTimer> Timers { get; } = [];

    public Enumerators Enumerators => _enumerators.Value;

    public bool HasEnumerators => _enumerators.IsValueCreated;

    public DeactivationReason? Reason { get; set; }

    /// <summary>Not collected for being idle before this.</summary>
    public DateTimeOffset KeepUntil { get; set; }
}
