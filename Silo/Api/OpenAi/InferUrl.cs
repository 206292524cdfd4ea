namespace PiGrid.Silo.Api.OpenAi;

/// <summary>The infer route of a model, as a batch and its lines name it: <c>/v2/models/NAME[/versions/VERSION]/infer</c>.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">The version; the newest when null.</param>
internal sealed record InferUrl(string Model, string? Version)
{
    /// <summary>Reads it; null when it is another route.</summary>
    public static InferUrl? Parse(string url) => url.Split('/') switch
    {
        ["", "v2", "models", { Length: > 0 } model, "infer"] => new(model, null),
        ["", "v2", "models", { Length: > 0 } model, "versions", { Length: > 0 } version, "infer"] => new(model, version),
        _ => null,
    };
}
