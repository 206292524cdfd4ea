using System.Globalization;

namespace PiGrid.Benchmarks.Soak;

/// <summary>What the soak is asked for.</summary>
/// <param name="Faults">Faults in all, earlier runs counted.</param>
/// <param name="EachMin">Faults of each kind at least.</param>
/// <param name="Out">The results file, to which is added.</param>
/// <param name="Seed">The seed of the first episode; each next one adds one.</param>
internal sealed record SoakOptions(int Faults, int EachMin, string Out, int Seed)
{
    /// <summary>How it is called.</summary>
    public const string Usage = "soak [--faults N] [--each-min N] [--out FILE] [--seed N]";

    /// <summary>Reads a command line; null when it cannot be read.</summary>
    public static SoakOptions? Parse(string[] arguments)
    {
        var options = new SoakOptions(500, 50, Path.Combine("artifacts", "soak.jsonl"), 1);
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            var number = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : (int?)null;
            options = (arguments[i], number) switch
            {
                ("--faults", { } n) => options with { Faults = n },
                ("--each-min", { } n) => options with { EachMin = n },
                ("--seed", { } n) => options with { Seed = n },
                ("--out", _) when value.Length > 0 => options with { Out = value },
                _ => null,
            };
            if (options is null)
            {
                return null;
            }
        }

        return options;
    }
}
