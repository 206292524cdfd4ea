using PiGrid.Inference.Outputs;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference;

/// <summary>Detectors' tensors, against boxes worked out by hand.</summary>
public class DetectorDecoderTests
{
    private static readonly DetectorGrid Grid = new(16, 8, [4, 8]);

    [Fact]
    public void Grid_CountsTheCellsOfAllStrides() => Assert.Equal((4 * 2) + (2 * 1), Grid.Cells);

    [Fact]
    public void Yolox_ReadsCentreAndSizeInTheCellsStride()
    {
        var rows = new float[Grid.Cells * 7];
        Row(rows, 5, 0.5f, 0.25f, MathF.Log(2), 0, 0.8f, 0.1f, 0.5f); // stride 4, column 1, row 1
        Row(rows, 9, 0, 1, 0, MathF.Log(0.5f), 1, 0.3f, 0.9f); // stride 8, column 1, row 0

        List<Candidate> found = [];
        YoloxDecoder.Decode(rows, 2, Grid, 0.3, found);

        Assert.Equal([(1, 5), (0, 9), (1, 9)], found.Select(f => (f.Class, f.Index)));
        Assert.Equal(0.4, found[0].Score, 1e-6);
        AssertNear(new(2, 3, 10, 7), found[0].Box);
        AssertNear(new(4, 6, 12, 10), found[1].Box);
    }

    [Fact]
    public void Nanodet_ReadsEachSideAsAnExpectation()
    {
        var (scores, distances) = (new float[8 * 2], new float[8 * 4 * 3]);
        scores[(6 * 2) + 1] = 0.7f; // column 2, row 1
        var bins = distances.AsSpan(6 * 12, 12);
        bins.Fill(-100);
        (bins[0], bins[4], bins[8]) = (0, 0, 0); // left 0, top 1, right 2
        (bins[9], bins[11]) = (0, 0); // below: 0 or 2, each with one half

        List<Candidate> found = [];
        NanodetDecoder.Decode(scores, distances, Grid, 4, 100, 0.35, found);

        var only = Assert.Single(found);
        Assert.Equal((1, 106), (only.Class, only.Index));
        AssertNear(new(9.5, 1.5, 17.5, 9.5), only.Box);
    }

    private static void Row(float[] rows, int index, params float[] values) => values.CopyTo(rows, index * values.Length);

    private static void AssertNear(Box expected, Box actual)
    {
        Assert.Equal(expected.X0, actual.X0, 1e-4);
        Assert.Equal(expected.Y0, actual.Y0, 1e-4);
        Assert.Equal(expected.X1, actual.X1, 1e-4);
        Assert.Equal(expected.Y1, actual.Y1, 1e-4);
    }
}
