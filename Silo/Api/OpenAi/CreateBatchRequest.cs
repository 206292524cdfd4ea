namespace PiGrid.Silo.Api.OpenAi;

/// <summary>Body of <c>POST /v1/batches</c>.</summary>
internal sealed record CreateBatchRequest
{
    /// <summary>The file of calls.</summary>
    public string? InputFileId { get; init; }

    /// <summary>The route that its lines name.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The time that it may take.</summary>
    public string? CompletionWindow { get; init; }

    /// <summary>The requester's own notes.</summary>
    public Dictionary<string, string?>? Metadata { get; init; }

    /// <summary>How long the output files stay.</summary>
    public ExpiresAfter? OutputExpiresAfter { get; init; }
}

/// <summary>When a file expires.</summary>
/// <param name="Anchor">From when on the time counts; <see cref="CreatedAt"/>.</param>
/// <param name="Seconds">The time, an hour to thirty days.</param>
internal sealed record ExpiresAfter(string? Anchor, int Seconds)
{
    /// <summary>The only anchor.</summary>
    public const string CreatedAt = "created_at";

    private const int SecondsMin = 3_600, SecondsMax = 2_592_000;

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Wrong => Anchor != CreatedAt ? $"its anchor must be '{CreatedAt}'."
        : Seconds is < SecondsMin or > SecondsMax ? $"its seconds must be a whole number from {SecondsMin} to {SecondsMax}."
        : null;
}
