namespace PiGrid.Inference.Inputs;

/// <summary>
/// One axis of a bilinear resize: for each output position the two source positions and the weight of the second. Pixel centres lie at
/// half coordinates (as with OpenCV's INTER_LINEAR); beyond the first and last centre the edge is continued.
/// </summary>
internal sealed class ResampleAxis
{
    /// <param name="first">The first position of the resized axis that is wanted.</param>
    /// <param name="count">How many are wanted.</param>
    /// <param name="source">The source's length.</param>
    /// <param name="scaled">The resized axis' whole length.</param>
    public ResampleAxis(int first, int count, int source, int scaled)
    {
        Low = new int[count];
        High = new int[count];
        Weight = new float[count];
        for (var i = 0; i < count; i++)
        {
            var position = Math.Clamp((((first + i) + 0.5) * source / scaled) - 0.5, 0, source - 1);
            var low = (int)position;
            Low[i] = low;
            High[i] = Math.Min(low + 1, source - 1);
            Weight[i] = (float)(position - low);
        }
    }

    public int[] Low { get; }

    public int[] High { get; }

    /// <summary>0 to below 1: 0 is all of <see cref="Low"/>.</summary>
    public float[] Weight { get; }
}
