namespace PiGrid.Verification;

/// <summary>
/// Whether two tensors from the middle of a model are the same. Rounding there is relative to the largest numbers that go into a sum and not to what is left of
/// it, so the tolerance is a share of the tensor's largest magnitude: a tolerance element by element would be too strict for small elements and lax
/// for a forger, who has all of them to push. Twice the tolerance is inconclusive, as in <see cref="OutputComparer"/>. Whole numbers must be equal.
/// </summary>
public static class SegmentComparer
{
    /// <summary>The share of the largest magnitude that processors may differ by; docs/verification.md says what it was measured against.</summary>
    public const double DefaultTolerance = 2e-5;

    /// <summary>Compares two tensors; the tolerance is a share of the largest magnitude, 0 or more.</summary>
    public static Agreement Compare(TensorData a, TensorData b, double tolerance)
    {
        if (a.Name != b.Name || a.Type != b.Type || !a.Shape.SequenceEqual(b.Shape) || a.Data.Length != b.Data.Length)
        {
            return Agreement.Disagree;
        }

        if (!FloatElements.TryRead(a.Type, a.Data, out _))
        {
            return a.Data.AsSpan().SequenceEqual(b.Data) ? Agreement.Agree : Agreement.Disagree;
        }

        // NaN is above every tolerance.
        var apart = Apart(a, b);
        return apart <= tolerance ? Agreement.Agree : apart <= 2 * tolerance ? Agreement.Inconclusive : Agreement.Disagree;
    }

    /// <summary>The largest difference of two elements as a share of the smaller of the two tensors' largest magnitudes; NaN when a number is not finite.</summary>
    public static double Apart(TensorData a, TensorData b)
    {
        FloatElements.TryRead(a.Type, a.Data, out var x);
        FloatElements.TryRead(b.Type, b.Data, out var y);
        var (gap, sizeX, sizeY) = (0.0, 0.0, 0.0);
        for (var i = 0; i < x.Count; i++)
        {
            // Math.Max keeps a NaN.
            (gap, sizeX, sizeY) = (Math.Max(gap, Math.Abs(x[i] - y[i])), Math.Max(sizeX, Math.Abs(x[i])), Math.Max(sizeY, Math.Abs(y[i])));
        }

        return gap == 0 ? 0 : gap / Math.Min(sizeX, sizeY);
    }
}
