using System.Runtime.InteropServices;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Numeric;

/// <summary>How far results of one model and setting are from those of verified work on this machine.</summary>
internal sealed record Spread
{
    /// <summary>The model, the instruction set, the setting.</summary>
    public required string Model { get; init; }

    /// <inheritdoc cref="Model"/>
    public required string Level { get; init; }

    /// <inheritdoc cref="Model"/>
    public required string Setting { get; init; }

    /// <summary>Inputs compared.</summary>
    public int Inputs { get; init; }

    /// <summary>Inputs whose output tensors have the same bits.</summary>
    public int SameBits { get; init; }

    /// <summary>The largest difference of two elements.</summary>
    public double Absolute { get; init; }

    /// <summary>The largest magnitude of an element.</summary>
    public double Largest { get; init; }

    /// <summary>The largest difference in units of the element, of those of at least a hundredth of the tensor's largest.</summary>
    public double Relative { get; init; }

    /// <summary>The largest share of the default tolerance that an element takes; 1 is the most that still agrees.</summary>
    public double OfTolerance { get; init; }

    /// <summary>Rows of logits whose best token differs.</summary>
    public int Argmax { get; init; }

    /// <summary>Items that agree by the model's own comparator.</summary>
    public int Agree { get; init; }

    /// <summary>Items that are inconclusive.</summary>
    public int Inconclusive { get; init; }

    /// <summary>Items that disagree.</summary>
    public int Disagree { get; init; }

    /// <summary>The largest difference of two scores that belong together.</summary>
    public double Score { get; init; }

    /// <summary>The largest distance from 1 of the overlap of two boxes that belong together.</summary>
    public double BoxGap { get; init; }

    /// <summary>The largest distance of what a segment makes here from what the first machine handed over, as a share of the tensor's largest.</summary>
    public double Segments { get; init; }

    /// <summary>Adds one input's tensors, which may be logits of tokens.</summary>
    public Spread With(IReadOnlyList<TensorData> honest, IReadOnlyList<TensorData> other, bool tokens = false)
    {
        var spread = this with { Inputs = Inputs + 1, SameBits = SameBits + (honest.Zip(other).All(p => p.First.Data.AsSpan().SequenceEqual(p.Second.Data)) ? 1 : 0) };
        foreach (var (x, y) in honest.Zip(other))
        {
            ReadOnlySpan<float> a = MemoryMarshal.Cast<byte, float>(x.Data), b = MemoryMarshal.Cast<byte, float>(y.Data);
            spread = spread with { Largest = Math.Max(spread.Largest, LargestOf(a)) };
            spread = spread.WithElements(a, b, LargestOf(a) / 100);
            spread = tokens && x.Shape is [1, var rows, var columns] ? spread with { Argmax = spread.Argmax + ArgmaxApart(a, b, (int)rows, (int)columns) } : spread;
        }

        return spread;
    }

    /// <summary>Adds one input's item.</summary>
    public Spread With(Comparator comparator, ItemOutput honest, ItemOutput other)
    {
        var spread = OutputComparer.Compare(comparator, honest, other) switch
        {
            Agreement.Agree => this with { Agree = Agree + 1 },
            Agreement.Inconclusive => this with { Inconclusive = Inconclusive + 1 },
            Agreement.Disagree => this with { Disagree = Disagree + 1 },
        };
        foreach (var label in honest.Labels ?? [])
        {
            var match = other.Labels?.FirstOrDefault(o => o.Class == label.Class);
            spread = match is null ? spread : spread with { Score = Math.Max(spread.Score, Math.Abs(label.Score - match.Score)) };
        }

        foreach (var found in honest.Detections ?? [])
        {
            var match = other.Detections?.Where(o => o.Class == found.Class).MaxBy(o => o.Box.IntersectionOverUnion(found.Box));
            spread = match is null ? spread : spread with
            {
                Score = Math.Max(spread.Score, Math.Abs(found.Score - match.Score)),
                BoxGap = Math.Max(spread.BoxGap, 1 - match.Box.IntersectionOverUnion(found.Box)),
            };
        }

        return spread;
    }

    /// <summary>The worst of this and another spread of the same model, each figure on its own.</summary>
    public Spread Worse(Spread other) => this with
    {
        Inputs = Math.Max(Inputs, other.Inputs),
        SameBits = Math.Min(SameBits, other.SameBits),
        Absolute = Math.Max(Absolute, other.Absolute),
        Largest = Math.Max(Largest, other.Largest),
        Relative = Math.Max(Relative, other.Relative),
        OfTolerance = Math.Max(OfTolerance, other.OfTolerance),
        Argmax = Math.Max(Argmax, other.Argmax),
        Agree = Math.Min(Agree, other.Agree),
        Inconclusive = Math.Max(Inconclusive, other.Inconclusive),
        Disagree = Math.Max(Disagree, other.Disagree),
        Score = Math.Max(Score, other.Score),
        BoxGap = Math.Max(BoxGap, other.BoxGap),
        Segments = Math.Max(Segments, other.Segments),
    };

    private Spread WithElements(ReadOnlySpan<float> a, ReadOnlySpan<float> b, double floor)
    {
        var (absolute, relative, share) = (Absolute, Relative, OfTolerance);
        for (var i = 0; i < a.Length; i++)
        {
            var (gap, size) = (Math.Abs((double)a[i] - b[i]), Math.Min(Math.Abs((double)a[i]), Math.Abs((double)b[i])));
            absolute = Math.Max(absolute, gap);
            relative = Math.Abs(a[i]) >= floor && floor > 0 ? Math.Max(relative, gap / Math.Abs(a[i])) : relative;
            share = Math.Max(share, gap / (1e-3 + (1e-3 * size)));
        }

        return this with { Absolute = absolute, Relative = relative, OfTolerance = share };
    }

    private static double LargestOf(ReadOnlySpan<float> values)
    {
        var largest = 0.0;
        foreach (var value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        return largest;
    }

    private static int ArgmaxApart(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int rows, int columns)
    {
        var apart = 0;
        for (var row = 0; row < rows; row++)
        {
            apart += Best(a.Slice(row * columns, columns)) != Best(b.Slice(row * columns, columns)) ? 1 : 0;
        }

        return apart;
    }

    private static int Best(ReadOnlySpan<float> row)
    {
        var best = 0;
        for (var i = 1; i < row.Length; i++)
        {
            best = row[i] > row[best] ? i : best;
        }

        return best;
    }
}
