using PiGrid.Inference.Sessions;

namespace PiGrid.NodeAgent.Probing;

/// <summary>Which execution provider runs the work.</summary>
internal static class ProviderChoice
{
    /// <summary>The providers to try: those that the volunteer names first, in their order, then all others, for the record.</summary>
    public static IReadOnlyList<string> ToTry(IReadOnlyList<string> preferred) =>
        [.. preferred.Concat(ExecutionProviders.All.Select(ExecutionProviders.NameOf).Order(StringComparer.Ordinal)).Distinct()];

    /// <summary>
    /// The first usable one that the volunteer named, else the processor. Why the first named one is not it, or null when it is. The processor is the
    /// default even beside a GPU: results are compared, and processors agree best.
    /// </summary>
    public static (string Provider, string? Fallback) Choose(IReadOnlyList<string> preferred, IReadOnlyList<ProviderProbe> probes)
    {
        var chosen = preferred.FirstOrDefault(p => probes.Any(probe => probe.Name == p && probe.Usable)) ?? "cpu";
        var reasons = preferred.TakeWhile(p => p != chosen).Select(p => $"{p}: {probes.FirstOrDefault(probe => probe.Name == p)?.Reason ?? "not tried"}");
        return (chosen, chosen == preferred[0] ? null : string.Join("; ", reasons));
    }
}
