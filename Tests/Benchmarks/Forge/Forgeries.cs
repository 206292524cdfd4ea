using System.Globalization;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Forge;

/// <summary>Counts what a comparator says of forged outputs of one kind, and remembers the farthest that still agreed.</summary>
/// <param name="comparator">The comparator, its threshold as the grid sets it.</param>
/// <param name="model">The model, for the table.</param>
/// <param name="attack">What was tried, for the table.</param>
/// <param name="unit">What the farthest is measured in.</param>
internal sealed class Forgeries(Comparator comparator, string model, string attack, string unit)
{
    private readonly int[] _said = new int[3];
    private double _farthest;

    /// <summary>Tries one forgery against the honest item, from which it is so far in the table's unit.</summary>
    public Agreement Try(ItemOutput honest, ItemOutput forged, double distance = 0)
    {
        // What is malformed is refused before it is compared.
        var said = OutputChecks.Check(new() { Items = [forged] }, 1, OutputChecks.KindOf(comparator.Kind), comparator.DecisionThreshold).Count > 0 ? Agreement.Disagree : OutputComparer.Compare(comparator, honest, forged);
        _said[(int)said]++;
        _farthest = said == Agreement.Agree ? Math.Max(_farthest, distance) : _farthest;
        return said;
    }

    /// <summary>Finds, by halving, the farthest forgery along a path that still agrees; it is counted once. The path goes
    /// from 0, the honest item, to its end, and tells each forgery's distance.</summary>
    public void Push(ItemOutput honest, double end, Func<double, (ItemOutput Forged, double Distance)> path)
    {
        var (low, high) = (0.0, end);
        for (var i = 0; i < 30; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = OutputComparer.Compare(comparator, honest, path(middle).Forged) == Agreement.Agree ? (middle, high) : (low, middle);
        }

        var (forged, distance) = path(low);
        Try(honest, forged, distance);
    }

    /// <summary>Prints the row.</summary>
    public void Print() => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {comparator.Kind} | {model} | {attack} | {_said.Sum()} | {_said[(int)Agreement.Agree]} | {_said[(int)Agreement.Inconclusive]} | {_said[(int)Agreement.Disagree]} | {(unit.Length > 0 ? $"{_farthest:0.####} {unit}" : "")} |"));
}
