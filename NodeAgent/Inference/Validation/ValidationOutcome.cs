using PiGrid.Inference.Outputs;
using PiGrid.Verification;

namespace PiGrid.Inference.Validation;

/// <summary>What validating a model found: a report, or errors.</summary>
public sealed record ValidationOutcome
{
    /// <summary>What the model is; null when it does not work.</summary>
    public ModelReport? Report { get; init; }

    /// <summary>Everything that is wrong, by the manifest's fields.</summary>
    public IReadOnlyList<FieldError> Errors { get; init; } = [];

    /// <summary>The outcome as the one item of a validation's output.</summary>
    public ItemOutput ToItem() => Report is not null
        ? new() { Report = Report }
        : OutputGuard.Failed(ItemErrorCode.ModelFailed, string.Join("; ", Errors.Select(e => $"{e.Field}: {e.Message}")));
}
