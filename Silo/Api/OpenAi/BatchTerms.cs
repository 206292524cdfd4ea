using System.Globalization;
using PiGrid.Batches;

namespace PiGrid.Silo.Api.OpenAi;

/// <summary>Checks what a batch is asked for, as far as that goes without its file.</summary>
internal static class BatchTerms
{
    private const int PairsMax = 16, KeyMax = 64, ValueMax = 512;

    /// <summary>What is wrong first, as the parameter and the reason; null when nothing is.</summary>
    public static (string Param, string Reason)? Check(CreateBatchRequest request, TimeSpan windowMax)
    {
        if (request.Endpoint is not { Length: <= 1_000 } endpoint || (endpoint != BatchSpec.AnyEndpoint && InferUrl.Parse(endpoint) is null))
        {
            return ("endpoint", $"must be the infer route that all lines name, such as '/v2/models/NAME/infer', or '{BatchSpec.AnyEndpoint}' for lines of any model.");
        }

        if (request.CompletionWindow is not { } window || ParseWindow(window) is not { } time)
        {
            return ("completion_window", "must be a time such as '24h': a whole number and s, m, h or d.");
        }

        if (time > windowMax)
        {
            return ("completion_window", string.Create(CultureInfo.InvariantCulture, $"is at most {windowMax.TotalSeconds}s (option Batches:WindowMax of the silo)."));
        }

        if (request.Metadata is { } metadata
            && (metadata.Count > PairsMax || metadata.Any(p => p.Key.Length is 0 or > KeyMax || p.Value is not { Length: <= ValueMax })))
        {
            return ("metadata", $"has at most {PairsMax} pairs, with keys of 1 to {KeyMax} and texts of up to {ValueMax} characters.");
        }

        return request.OutputExpiresAfter?.Wrong is { } wrong ? ("output_expires_after", wrong) : null;
    }

    /// <summary>A completion window, <c>24h</c>, as a time above zero; null when it is none.</summary>
    public static TimeSpan? ParseWindow(string text)
    {
        if (text.Length is < 2 or > 9 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
        {
            return null;
        }

        long? unit = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3_600, 'd' => 86_400, _ => null };
        return unit is { } seconds ? TimeSpan.FromSeconds(seconds * count) : null;
    }
}
