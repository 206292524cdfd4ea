using PiGrid.Tests.Scenarios.Faults;

namespace PiGrid.Benchmarks.Soak;

/// <summary>Which faults come next: the kinds that were injected least, so that all grow alike.</summary>
internal static class SoakPlan
{
    private const int EpisodeMin = 8, EpisodeMax = 20;

    /// <summary>The faults of an episode.</summary>
    /// <param name="counts">Faults injected so far; what is planned is added.</param>
    /// <param name="options">How many there are to be.</param>
    /// <param name="dice">Chooses.</param>
    public static List<(FaultKind Kind, string Moment)> Next(Dictionary<FaultKind, int> counts, SoakOptions options, Random dice)
    {
        var planned = new List<(FaultKind, string)>();
        for (var left = dice.Next(EpisodeMin, EpisodeMax + 1); left > 0 && IsWanting(counts, options); left--)
        {
            var kind = Enum.GetValues<FaultKind>().OrderBy(k => counts.GetValueOrDefault(k)).ThenBy(_ => dice.Next()).First();
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
            planned.Add((kind, dice.Next(3) == 0 ? Injector.AnyTime : Moments.All[dice.Next(Moments.All.Count)]));
        }

        dice.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(planned));
        return planned;
    }

    private static bool IsWanting(Dictionary<FaultKind, int> counts, SoakOptions options) =>
        counts.Values.Sum() < options.Faults || Enum.GetValues<FaultKind>().Any(k => counts.GetValueOrDefault(k) < options.EachMin);
}
