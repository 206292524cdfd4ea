namespace PiGrid.Client;

/// <summary>What a call was answered with: its outputs, and what the grid says about how they came to be.</summary>
public sealed record InferResult
{
    /// <summary>The version that ran.</summary>
    public required ModelRef Model { get; init; }

    /// <summary>The request's own id.</summary>
    public string? Id { get; init; }

    /// <summary>The outputs, as they were wanted.</summary>
    public required IReadOnlyList<InferTensor> Outputs { get; init; }

    /// <summary>The receipt; <see cref="GridClient.FindReceiptAsync"/> has it for a while.</summary>
    public ReceiptId? Receipt { get; init; }

    /// <summary>How many times the input was given to a node.</summary>
    public int Replicas { get; init; }

    /// <summary>The probability that the outputs are right, at least, by what the grid knows of the nodes: 0 to 1.</summary>
    public double? Credibility { get; init; }

    /// <summary>The time until a node had the call.</summary>
    public TimeSpan QueueTime { get; init; }

    /// <summary>The time on the node, as it says.</summary>
    public TimeSpan NodeTime { get; init; }

    /// <summary>Of that, the time in the model.</summary>
    public TimeSpan ModelTime { get; init; }

    /// <summary>The output of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public InferTensor this[string output] => Outputs.FirstOrDefault(o => o.Name == output)
        ?? throw new KeyNotFoundException($"There is no output '{output}'; there are {string.Join(", ", Outputs.Select(o => o.Name))}.");
}
