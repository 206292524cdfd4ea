using PiGrid.Verification;

namespace PiGrid.Inference.Outputs;

/// <summary>How numbers of an output are rounded: enough for people, few enough digits that nodes mostly write the same ones.</summary>
internal static class Rounding
{
    /// <summary>A score, to 6 decimals; never -0.</summary>
    public static double Score(double value) => Math.Round(value, 6) + 0.0;

    /// <summary>A box, each side to 2 decimals; never -0.</summary>
    public static Box Box(Box box) => new(Side(box.X0), Side(box.Y0), Side(box.X1), Side(box.Y1));

    private static double Side(double value) => Math.Round(value, 2) + 0.0;
}
