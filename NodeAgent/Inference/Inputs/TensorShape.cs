namespace PiGrid.Inference.Inputs;

/// <summary>Arithmetic on tensors' dimensions.</summary>
internal static class TensorShape
{
    /// <summary>A tensor has no more dimensions.</summary>
    public const int RankMax = 16;

    /// <summary>A size that is open.</summary>
    public const long Any = -1;

    /// <summary>The number of elements; null when a dimension is negative or the product does not fit.</summary>
    public static long? ElementsOf(IReadOnlyList<long> shape)
    {
        long count = 1;
        foreach (var dimension in shape)
        {
            if (dimension < 0 || (dimension > 0 && count > int.MaxValue / dimension))
            {
                return null;
            }

            count *= dimension;
        }

        return count;
    }

    /// <summary>Whether a tensor of this shape fits where the model declares <paramref name="declared"/>; -1 takes any size.</summary>
    public static bool Fits(IReadOnlyList<long> shape, IReadOnlyList<long> declared)
    {
        if (shape.Count != declared.Count)
        {
            return false;
        }

        for (var i = 0; i < shape.Count; i++)
        {
            if (!CanBe(declared[i], shape[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a declared size can be this one.</summary>
    public static bool CanBe(long declared, long size) => declared < 0 || declared == size;

    /// <summary>The shape as people read it: <c>[1, 3, ?, ?]</c>.</summary>
    public static string Text(IReadOnlyList<long> shape) =>
        $"[{string.Join(", ", shape.Select(d => d < 0 ? "?" : d.ToString(System.Globalization.CultureInfo.InvariantCulture)))}]";
}
