using Microsoft.ML.OnnxRuntime;
using PiGrid.Inference.Inputs;
using PiGrid.Verification;

namespace PiGrid.Inference.Outputs;

/// <summary>The best classes of the model's first output, best first; among equals the lower class index comes first.</summary>
/// <param name="labels">The classes' names.</param>
/// <param name="topK">How many are kept.</param>
/// <param name="softmax">Whether a softmax turns the values into probabilities.</param>
internal sealed class LabelsOutput(LabelFile labels, int topK, bool softmax) : IOutputStep
{
    public ItemOutput Finish(IReadOnlyList<OrtValue> values, IReadOnlyList<string> names, PictureGeometry? geometry)
    {
        var scores = FloatValues.Read(values[0], names[0]);
        labels.Require(scores.Length, names[0]);
        return new() { Labels = Best(scores) };
    }

    internal LabelScore[] Best(ReadOnlySpan<float> scores)
    {
        var order = new int[scores.Length];
        var sorted = new double[scores.Length];
        var probabilities = softmax ? Softmax(scores) : null;
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
            sorted[i] = probabilities?[i] ?? scores[i];
        }

        Array.Sort(order, (a, b) => sorted[a] != sorted[b] ? sorted[b].CompareTo(sorted[a]) : a.CompareTo(b));
        var best = new LabelScore[Math.Min(topK, order.Length)];
        for (var i = 0; i < best.Length; i++)
        {
            best[i] = new(order[i], labels.NameOf(order[i]), Rounding.Score(sorted[order[i]]));
        }

        return best;
    }

    /// <summary>exp(x) / sum of exp(x), from which the largest x is taken first so that nothing overflows.</summary>
    internal static double[] Softmax(ReadOnlySpan<float> values)
    {
        var result = new double[values.Length];
        var (largest, sum) = (double.NegativeInfinity, 0.0);
        foreach (var value in values)
        {
            largest = Math.Max(largest, value);
        }

        for (var i = 0; i < result.Length; i++)
        {
            sum += result[i] = Math.Exp(values[i] - largest);
        }

        for (var i = 0; i < result.Length; i++)
        {
            result[i] /= sum;
        }

        return result;
    }
}
