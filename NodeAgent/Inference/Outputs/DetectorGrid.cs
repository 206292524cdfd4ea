using PiGrid.Models;

namespace PiGrid.Inference.Outputs;

/// <summary>The cells of a detector: per stride a grid over the tensor, row by row from the top left.</summary>
/// <param name="Width">The tensor's width in pixels.</param>
/// <param name="Height">The tensor's height in pixels.</param>
/// <param name="Strides">The grids' strides in pixels, in the order of the output's rows.</param>
internal sealed record DetectorGrid(int Width, int Height, IReadOnlyList<int> Strides)
{
    /// <summary>The grid of a manifest's detector.</summary>
    public static DetectorGrid Of(ImageSteps steps, DetectionDecoder decoder) => new(steps.Width, steps.Height, decoder.Strides);

    /// <summary>Cells in one grid; a stride that does not divide the tensor's side leaves the rest out.</summary>
    public int CellsOf(int stride) => (Width / stride) * (Height / stride);

    /// <summary>Cells in all grids.</summary>
    public int Cells => Strides.Sum(CellsOf);
}
