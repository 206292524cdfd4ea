using System.Numerics;
using System.Runtime.CompilerServices;

namespace PiGrid.NodeAgent.Probing;

/// <summary>
/// How fast one processor multiplies and adds, which is most of what models do: rounds of dot products over 64 KiB, which stays in the
/// second-level cache. It places work and proves nothing.
/// </summary>
internal static class Benchmark
{
    private const int Elements = 8192, ProductsPerRun = 64;

    /// <summary>Runs in a second.</summary>
    public static double Measure(TimeSpan duration, TimeProvider time)
    {
        var left = Enumerable.Range(0, Elements).Select(i => i % 7 * 0.25f).ToArray();
        var right = Enumerable.Range(0, Elements).Select(i => i % 5 * 0.5f).ToArray();
        var start = time.GetTimestamp();
        var runs = 0L;
        var sum = 0f;
        do
        {
            for (var i = 0; i < ProductsPerRun; i++)
            {
                sum += Dot(left, right);
            }

            runs++;
        }
        while (time.GetElapsedTime(start) < duration);
        return sum > 0 ? Math.Round(runs / time.GetElapsedTime(start).TotalSeconds, 1) : 0;
    }

    // Compiled for speed at once: a benchmark of unoptimised code would measure the compiler.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var sum = Vector<float>.Zero;
        for (var i = 0; i <= left.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            sum += new Vector<float>(left[i..]) * new Vector<float>(right[i..]);
        }

        return Vector.Sum(sum);
    }
}
