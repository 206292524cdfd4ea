using System.Text.Json.Serialization;

namespace PiGrid.NodeAgent.Workers.Wire;

/// <summary>Make a plan for the loaded model's segments; an input follows. For operator nodes.</summary>
/// <param name="Size">The input's size in bytes.</param>
/// <param name="Segments">How many to aim at.</param>
/// <param name="ModelBytesMin">The least size of a model that is cut.</param>
internal sealed record PlanRequest(long Size, int Segments, long ModelBytesMin) : WorkerRequest
{
    /// <summary>The most bytes of tensors that a segment reads and makes.</summary>
    public long OpeningBytesMax { get; init; } = 64L << 20;

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<long> Sizes => [Size];
}

/// <summary>Run one input and commit to it; the plan and the input follow.</summary>
/// <param name="PlanSize">The plan's size in bytes.</param>
/// <param name="Size">The input's size in bytes.</param>
internal sealed record CommitRequest(long PlanSize, long Size) : WorkerRequest
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<long> Sizes => [PlanSize, Size];
}

/// <summary>Open what a challenge asks for; the plan, the input and the challenge follow.</summary>
/// <param name="PlanSize">The plan's size in bytes.</param>
/// <param name="Size">The input's size in bytes.</param>
/// <param name="ChallengeSize">The challenge's size in bytes.</param>
internal sealed record OpenRequest(long PlanSize, long Size, long ChallengeSize) : WorkerRequest
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<long> Sizes => [PlanSize, Size, ChallengeSize];
}

/// <summary>Check another node's claim; the plan, the input, the output, the commitment, the challenge and the evidence follow. For operator nodes.</summary>
internal sealed record AuditRequest : WorkerRequest
{
    /// <summary>The plan's size in bytes.</summary>
    public required long PlanSize { get; init; }

    /// <summary>The input's size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The size of the item's JSON in bytes.</summary>
    public required long OutputSize { get; init; }

    /// <summary>The commitment's size in bytes.</summary>
    public required long CommitmentSize { get; init; }

    /// <summary>The challenge's size in bytes.</summary>
    public required long ChallengeSize { get; init; }

    /// <summary>The evidence's size in bytes.</summary>
    public required long EvidenceSize { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<long> Sizes => [PlanSize, Size, OutputSize, CommitmentSize, ChallengeSize, EvidenceSize];
}
