using PiGrid.Verification;

namespace PiGrid.Inference.Outputs;

/// <summary>
/// Reads YOLOX's output (Ge et al. 2021): rows of [x, y, log width, log height, objectness, class...] in units of the cell's stride,
/// both probabilities already sigmoids.
/// </summary>
internal static class YoloxDecoder
{
    /// <summary>Numbers in a row before the classes.</summary>
    public const int BoxNumbers = 5;

    /// <summary>Adds every box and class at or above the threshold.</summary>
    /// <param name="rows">[cells, 5 + classes].</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="grid">The detector's cells, as many as there are rows.</param>
    /// <param name="scoreMin">The threshold.</param>
    /// <param name="found">Where candidates go.</param>
    public static void Decode(ReadOnlySpan<float> rows, int classes, DetectorGrid grid, double scoreMin, List<Candidate> found)
    {
        var (index, length) = (0, BoxNumbers + classes);
        foreach (var stride in grid.Strides)
        {
            var columns = grid.Width / stride;
            for (var cell = 0; cell < grid.CellsOf(stride); cell++, index++)
            {
                var row = rows.Slice(index * length, length);
                // Scores are products of probabilities: no class can beat the objectness.
                if (row[4] >= scoreMin)
                {
                    Add(row, index, cell % columns, cell / columns, stride, scoreMin, found);
                }
            }
        }
    }

    private static void Add(ReadOnlySpan<float> row, int index, int x, int y, int stride, double scoreMin, List<Candidate> found)
    {
        Box? box = null;
        for (var c = BoxNumbers; c < row.Length; c++)
        {
            var score = (double)row[4] * row[c];
            if (score >= scoreMin)
            {
                box ??= BoxOf(row, x, y, stride);
                found.Add(new(c - BoxNumbers, index, score, box.Value));
            }
        }
    }

    private static Box BoxOf(ReadOnlySpan<float> row, int x, int y, int stride)
    {
        var (centreX, centreY) = ((row[0] + (double)x) * stride, (row[1] + (double)y) * stride);
        var (halfWidth, halfHeight) = (Math.Exp(row[2]) * stride / 2, Math.Exp(row[3]) * stride / 2);
        return new(centreX - halfWidth, centreY - halfHeight, centreX + halfWidth, centreY + halfHeight);
    }
}
