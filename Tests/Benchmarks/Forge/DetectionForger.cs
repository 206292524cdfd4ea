using PiGrid.Benchmarks.Numeric;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Forge;

/// <summary>Searches for forged detections that agree with the honest ones: each object dropped, doubled, renamed, moved and grown, and random mixtures.</summary>
internal static class DetectionForger
{
    private const int Mixtures = 4_000;

    // Translations, growth and single sides, in units of the box's width and height.
    private static readonly (double X0, double Y0, double X1, double Y1)[] Directions =
    [
        (1, 0, 1, 0), (0, 1, 0, 1), (-1, 0, -1, 0), (0, -1, 0, -1), (1, 1, 1, 1), (1, -1, 1, -1),
        (-1, -1, 1, 1), (1, 1, -1, -1), (1, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0), (0, 0, 0, 1),
    ];

    /// <summary>Prints a row per kind of forgery.</summary>
    public static void Search(RealWork work, IReadOnlyList<ItemOutput> honest)
    {
        var comparator = work.Comparator;
        Forgeries Row(string attack, string unit = "") => new(comparator, work.Name, attack, unit);
        var (drop, add, rename, move, score, mix) = (
            Row("drop an object"), Row("add an object"), Row("give an object another class"), Row("move a box", "of its width"), Row("change a score", "of score"),
            Row("random mixtures that change what is found"));
        var random = new Random(1);
        foreach (var item in honest)
        {
            var found = item.Detections!;
            for (var i = 0; i < found.Count; i++)
            {
                var (at, one) = (i, found[i]);
                drop.Try(item, With(found.Where((_, j) => j != at)));
                rename.Try(item, With(Replaced(found, at, one with { Class = one.Class + 1, Label = "another" })));
                add.Try(item, With(found.Append(one with { Box = Moved(one.Box, (1, 0, 1, 0), 0.01) })));
                foreach (var direction in Directions)
                {
                    move.Push(item, 0.5, by => (With(Replaced(found, at, one with { Box = Moved(one.Box, direction, by) })), by));
                }

                score.Push(item, 1 - one.Score, by => (With(Replaced(found, at, one with { Score = one.Score + by })), by));
                score.Push(item, one.Score, by => (With(Replaced(found, at, one with { Score = one.Score - by })), by));
            }

            var threshold = comparator.DecisionThreshold!.Value;
            foreach (var sure in new[] { threshold - 0.01, threshold, threshold + 0.01, threshold + 0.05, 0.9 })
            {
                add.Try(item, With(found.Append(new(0, "person", sure, new(10, 10, 60, 60)))));
            }

            for (var i = 0; i < Mixtures && found.Count > 0; i++)
            {
                var forged = Mixed(random, found, threshold);
                if (!Names(forged).SequenceEqual(Names(found)))
                {
                    mix.Try(item, With(forged));
                }
            }
        }

        foreach (var row in new[] { drop, add, rename, mix, move, score })
        {
            row.Print();
        }
    }

    private static IEnumerable<string> Names(IEnumerable<Detection> found) => found.Select(d => d.Label).Order(StringComparer.Ordinal);

    private static List<Detection> Mixed(Random random, IReadOnlyList<Detection> found, double threshold)
    {
        List<Detection> forged = [.. found];
        for (var steps = 1 + random.Next(3); steps > 0 && forged.Count > 0; steps--)
        {
            var at = random.Next(forged.Count);
            switch (random.Next(5))
            {
                case 0:
                    forged.RemoveAt(at);
                    break;
                case 1:
                    forged.Add(forged[at] with { Box = Moved(forged[at].Box, Directions[random.Next(Directions.Length)], random.NextDouble() / 5) });
                    break;
                case 2:
                    var other = forged[random.Next(forged.Count)];
                    forged[at] = forged[at] with { Class = other.Class, Label = other.Label };
                    break;
                case 3:
                    forged[at] = forged[at] with { Score = Math.Clamp(threshold + ((random.NextDouble() - 0.5) / 20), 0, 1) };
                    break;
                default:
                    forged[at] = forged[at] with { Box = Moved(forged[at].Box, Directions[random.Next(Directions.Length)], random.NextDouble() / 5) };
                    break;
            }
        }

        return forged;
    }

    private static IEnumerable<Detection> Replaced(IReadOnlyList<Detection> found, int at, Detection by) => found.Select((d, i) => i == at ? by : d);

    private static ItemOutput With(IEnumerable<Detection> found) => new() { Detections = [.. found.OrderByDescending(d => d.Score)] };

    private static Box Moved(Box box, (double X0, double Y0, double X1, double Y1) direction, double by)
    {
        var (width, height) = ((box.X1 - box.X0) * by, (box.Y1 - box.Y0) * by);
        return new(box.X0 + (direction.X0 * width), box.Y0 + (direction.Y0 * height), box.X1 + (direction.X1 * width), box.Y1 + (direction.Y1 * height));
    }
}
