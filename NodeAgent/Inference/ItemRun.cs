using PiGrid.Verification;

namespace PiGrid.Inference;

/// <summary>What running one input gave.</summary>
/// <param name="Output">The output, or the error of this input.</param>
/// <param name="ModelMs">Time inside the model in milliseconds.</param>
/// <param name="TotalMs">Time for the whole pipeline in milliseconds.</param>
public readonly record struct ItemRun(ItemOutput Output, double ModelMs, double TotalMs);
