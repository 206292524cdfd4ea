using PiGrid.Verification;

namespace PiGrid.Inference.Outputs;

/// <summary>
/// Reads NanoDet's outputs (generalised focal loss, Li et al. 2020): per stride class probabilities, and for each side of the box a
/// distribution over its distance from the cell's centre.
/// </summary>
internal static class NanodetDecoder
{
    private const int Sides = 4;

    /// <summary>Adds every box and class of one stride at or above the threshold.</summary>
    /// <param name="scores">[cells, classes], sigmoids already.</param>
    /// <param name="distances">[cells, 4 * bins], before the softmax: left, top, right, bottom.</param>
    /// <param name="grid">The detector's cells.</param>
    /// <param name="stride">Which of its grids.</param>
    /// <param name="firstIndex">The index of the grid's first cell among all cells.</param>
    /// <param name="scoreMin">The threshold.</param>
    /// <param name="found">Where candidates go.</param>
    public static void Decode(
        ReadOnlySpan<float> scores, ReadOnlySpan<float> distances, DetectorGrid grid, int stride, int firstIndex, double scoreMin, List<Candidate> found)
    {
        var (cells, columns) = (grid.CellsOf(stride), grid.Width / stride);
        var (classes, length) = (scores.Length / cells, distances.Length / cells);
        for (var cell = 0; cell < cells; cell++)
        {
            Box? box = null;
            var row = scores.Slice(cell * classes, classes);
            for (var c = 0; c < row.Length; c++)
            {
                if (row[c] >= scoreMin)
                {
                    box ??= BoxOf(distances.Slice(cell * length, length), cell % columns, cell / columns, stride);
                    found.Add(new(c, firstIndex + cell, row[c], box.Value));
                }
            }
        }
    }

    private static Box BoxOf(ReadOnlySpan<float> distances, int x, int y, int stride)
    {
        var bins = distances.Length / Sides;
        Span<double> sides = stackalloc double[Sides];
        for (var side = 0; side < Sides; side++)
        {
            sides[side] = Expectation(distances.Slice(side * bins, bins)) * stride;
        }

        var (centreX, centreY) = ((x * stride) + (0.5 * (stride - 1)), (y * stride) + (0.5 * (stride - 1)));
        return new(centreX - sides[0], centreY - sides[1], centreX + sides[2], centreY + sides[3]);
    }

    /// <summary>The mean bin of the softmax.</summary>
    private static double Expectation(ReadOnlySpan<float> bins)
    {
        var probabilities = LabelsOutput.Softmax(bins);
        var mean = 0.0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            mean += i * probabilities[i];
        }

        return mean;
    }
}
