using System.Globalization;

namespace PiGrid.Silo.Api.Inference;

/// <summary>What the grid says about an answer, beside its outputs: as parameters of the response, and as headers.</summary>
internal static class AnswerFacts
{
    /// <summary>The parameters by name; those that are not known are left out.</summary>
    public static IEnumerable<(string Name, object Value)> Of(InferenceAnswer answer)
    {
        if (answer.Receipt is { } receipt)
        {
            yield return ("receipt", receipt.Value);
        }

        yield return ("replicas", answer.Replicas);
        if (answer.Credibility is { } credibility)
        {
            yield return ("credibility", credibility);
        }

        yield return ("queue_ms", Math.Round(answer.QueueMs, 3));
        yield return ("node_ms", Math.Round(answer.NodeMs, 3));
        yield return ("model_ms", Math.Round(answer.ModelMs, 3));
    }

    /// <summary>The same as headers: <c>PiGrid-Receipt</c>, <c>PiGrid-Queue-Ms</c>, ...</summary>
    public static void SetHeaders(IHeaderDictionary headers, InferenceAnswer answer)
    {
        foreach (var (name, value) in Of(answer))
        {
            var words = name.Split('_').Select(w => char.ToUpperInvariant(w[0]) + w[1..]);
            headers[$"PiGrid-{string.Join('-', words)}"] = Convert.ToString(value, CultureInfo.InvariantCulture);
        }
    }
}
