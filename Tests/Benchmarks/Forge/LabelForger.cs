using PiGrid.Benchmarks.Numeric;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Forge;

/// <summary>Searches for forged labels that agree with the honest ones: every other class first, classes swapped, classes that the model never named.</summary>
internal static class LabelForger
{
    private const int Mixtures = 4_000;
    private const int Unnamed = 900_000;

    /// <summary>Prints a row per kind of forgery.</summary>
    public static void Search(RealWork work, IReadOnlyList<ItemOutput> honest)
    {
        Forgeries Row(string attack, string unit = "") => new(work.Comparator, work.Name, attack, unit);
        var (best, swap, unnamed, score, mix) = (
            Row("put another class first"), Row("swap two listed classes"), Row("list a class that the model did not", "of score claimed"), Row("change a score", "of score"),
            Row("random mixtures that change the best"));
        var random = new Random(1);
        foreach (var item in honest)
        {
            var labels = item.Labels!;
            for (var i = 0; i < labels.Count; i++)
            {
                var at = i;
                score.Push(item, 1, by => (With(Replaced(labels, at, labels[at] with { Score = labels[at].Score + by })), by));
                score.Push(item, 1, by => (With(Replaced(labels, at, labels[at] with { Score = labels[at].Score - by })), by));
                unnamed.Push(item, 1, by => (With(Replaced(labels, at, new(Unnamed, "invented", by))), by));
                for (var j = 0; j < i; j++)
                {
                    var (a, b) = (labels[i], labels[j]);
                    (j == 0 ? best : swap).Try(item, With(Replaced(Replaced(labels, i, b with { Score = a.Score }), j, a with { Score = b.Score })), 0);
                }
            }

            best.Try(item, With(labels.Append(new(Unnamed, "invented", labels[0].Score + 1e-6)).Take(labels.Count + 1)));
            best.Try(item, With(Replaced(labels, 0, new(Unnamed, "invented", labels[0].Score))));
            for (var i = 0; i < Mixtures; i++)
            {
                var forged = labels.Select(l => l with { Score = Math.Clamp(l.Score + ((random.NextDouble() - 0.5) * 0.2), 0, 1) }).ToList();
                forged[random.Next(forged.Count)] = random.Next(2) == 0 ? new(Unnamed, "invented", random.NextDouble()) : forged[random.Next(forged.Count)];
                var output = With(forged);
                if (output.Labels![0].Class != labels[0].Class)
                {
                    mix.Try(item, output);
                }
            }
        }

        foreach (var row in new[] { best, swap, mix, unnamed, score })
        {
            row.Print();
        }
    }

    private static List<LabelScore> Replaced(IReadOnlyList<LabelScore> labels, int at, LabelScore by) => [.. labels.Select((l, i) => i == at ? by : l)];

    private static ItemOutput With(IEnumerable<LabelScore> labels) => new() { Labels = [.. labels.OrderByDescending(l => l.Score)] };
}
