using Microsoft.ML.OnnxRuntime;

namespace PiGrid.Inference.Sessions;

/// <summary>What a model's last digits depend on beside the processor. Verified work has one choice of it; measurements compare others.</summary>
internal sealed record SessionSettings
{
    /// <summary>The settings of verified work, which the node protocol states.</summary>
    public static SessionSettings Comparable { get; } = new();

    /// <summary>Threads inside an operator.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>How far the graph is rewritten before it runs.</summary>
    public GraphOptimizationLevel Optimization { get; init; } = GraphOptimizationLevel.ORT_ENABLE_ALL;

    /// <summary>Whether 8-bit products are exact where the processor's fast instruction for them saturates.</summary>
    public bool ExactQuantised { get; init; } = true;
}
