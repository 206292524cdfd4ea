namespace Orleans.Runtime;

/// <summary>One activation of a grain, as the grain and its services see it.</summary>
public interface IGrainContext
{
    /// <summary>A reference to the grain.</summary>
    GrainReference GrainReference { get; }

    /// <summary>The grain's identity.</summary>
    GrainId GrainId { get; }

    /// <summary>The instance; null until it is constructed.</summary>
    object? GrainInstance { get; }

    /// <summary>This activation's identity.</summary>
    ActivationId ActivationId { get; }

    /// <summary>Services; scoped ones live as long as the activation.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>Completes when the activation is gone.</summary>
    Task Deactivated { get; }

    /// <summary>Ends the activation once its running calls are done; returns at once.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}
