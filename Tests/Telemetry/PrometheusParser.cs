using System.Globalization;
using System.Text.RegularExpressions;

namespace PiGrid.Tests.Telemetry;

/// <summary>One line of the text format.</summary>
/// <param name="Name">The metric, with <c>_bucket</c> and the like.</param>
/// <param name="Labels">Its labels, unescaped.</param>
/// <param name="Value">The value.</param>
internal sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>One metric of the text format.</summary>
internal sealed record Family(string Name, string Type, string Help, List<Sample> Samples);

/// <summary>
/// Reads the Prometheus text exposition format and refuses whatever is not in it: a sample before its type, a name or an escape that is not allowed, a series
/// that is there twice, a histogram whose buckets do not add up.
/// </summary>
internal static partial class PrometheusParser
{
    private static readonly string[] Types = ["counter", "gauge", "histogram", "summary", "untyped"];

    [GeneratedRegex(@"^# HELP (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<help>.*)$")]
    private static partial Regex Help { get; }

    [GeneratedRegex(@"^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>[a-z]+)$")]
    private static partial Regex Type { get; }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*",?)*)\})? (?<value>\S+)$""")]
    private static partial Regex Line { get; }

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\]|\\.)*)"(,|$)""")]
    private static partial Regex Label { get; }

    /// <summary>The metrics by name.</summary>
    public static Dictionary<string, Family> Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var families = new Dictionary<string, Family>();
        var seen = new HashSet<string>();
        var help = (Name: "", Text: "");
        Family? current = null;
        foreach (var line in text.Split('\n')[..^1])
        {
            if (Help.Match(line) is { Success: true } helped)
            {
                help = (helped.Groups["name"].Value, helped.Groups["help"].Value);
            }
            else if (Type.Match(line) is { Success: true } typed)
            {
                current = new Family(typed.Groups["name"].Value, typed.Groups["type"].Value, help.Text, []);
                Assert.Equal(current.Name, help.Name);
                Assert.Contains(current.Type, Types);
                Assert.True(families.TryAdd(current.Name, current), $"{current.Name} is there twice");
            }
            else
            {
                var sample = ReadSample(line);
                Assert.True(current is not null && Belongs(sample.Name, current), $"'{line}' has no type");
                Assert.True(seen.Add(line[..line.LastIndexOf(' ')]), $"'{line}' is there twice");
                current!.Samples.Add(sample);
            }
        }

        foreach (var family in families.Values)
        {
            Check(family);
        }

        return families;
    }

    private static Sample ReadSample(string line)
    {
        var match = Line.Match(line);
        Assert.True(match.Success, $"'{line}' is no sample");
        var labels = Label.Matches(match.Groups["labels"].Value).ToDictionary(
            label => label.Groups["name"].Value,
            label => Regex.Replace(label.Groups["value"].Value, @"\\(.)", escaped => escaped.Groups[1].Value == "n" ? "\n" : escaped.Groups[1].Value));
        return new(match.Groups["name"].Value, labels, Number(match.Groups["value"].Value));
    }

    private static bool Belongs(string sample, Family family) => family.Type == "histogram"
        ? sample == family.Name + "_bucket" || sample == family.Name + "_sum" || sample == family.Name + "_count"
        : sample == family.Name;

    private static void Check(Family family)
    {
        Assert.NotEmpty(family.Samples);
        if (family.Type == "counter")
        {
            Assert.EndsWith("_total", family.Name, StringComparison.Ordinal);
            Assert.All(family.Samples, sample => Assert.True(sample.Value >= 0));
        }

        if (family.Type != "histogram")
        {
            return;
        }

        foreach (var series in family.Samples.GroupBy(sample => string.Join(',', sample.Labels.Where(label => label.Key != "le").OrderBy(label => label.Key))))
        {
            var buckets = series.Where(sample => sample.Name.EndsWith("_bucket", StringComparison.Ordinal)).ToList();
            var count = Assert.Single(series, sample => sample.Name.EndsWith("_count", StringComparison.Ordinal)).Value;
            Assert.Single(series, sample => sample.Name.EndsWith("_sum", StringComparison.Ordinal));
            Assert.Equal(buckets.Select(bucket => Number(bucket.Labels["le"])).Order(), buckets.Select(bucket => Number(bucket.Labels["le"])));
            Assert.Equal(buckets.Select(bucket => bucket.Value).Order(), buckets.Select(bucket => bucket.Value));
            Assert.Equal(("+Inf", count), (buckets[^1].Labels["le"], buckets[^1].Value));
        }
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };
}
