using System.Buffers.Binary;

namespace PiGrid.Tests.Simulation;

/// <summary>Random numbers that are the same on every machine and release (SplitMix64, Steele et al. 2014), and the distributions drawn from them.</summary>
internal sealed class SimRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Numbers for one purpose, so that others do not change when it draws more of them.</summary>
    public static SimRandom Of(ulong seed, long purpose, long number = 0) => new(Mix(seed ^ Mix(unchecked((ulong)purpose * 0x9E3779B97F4A7C15) ^ Mix((ulong)number))));

    /// <summary>64 random bits.</summary>
    public ulong Next() => Mix(_state = unchecked(_state + 0x9E3779B97F4A7C15));

    /// <summary>From 0 up to but not 1.</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with this probability.</summary>
    public bool Chance(double probability) => probability > 0 && Unit() < probability;

    /// <summary>From 0 to <paramref name="below"/> - 1.</summary>
    public int Below(int below) => (int)(Next() % (ulong)below);

    /// <summary>One of these.</summary>
    public T OneOf<T>(params ReadOnlySpan<T> values) => values[Below(values.Length)];

    /// <summary>A time between the two.</summary>
    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + ((most - least) * Unit());

    /// <summary>An exponentially distributed time.</summary>
    public TimeSpan Exponential(TimeSpan mean) => mean * -Math.Log(1 - Unit());

    /// <summary>A normally distributed number with mean 0 and deviation 1 (Box and Muller).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(2 * Math.PI * Unit());

    /// <summary>A time whose logarithm is normally distributed.</summary>
    public TimeSpan LogNormal(TimeSpan median, double sigma) => median * Math.Exp(sigma * Normal());

    /// <summary>A Gamma distributed number (Marsaglia and Tsang 2000).</summary>
    public double Gamma(double shape, double scale)
    {
        if (shape < 1)
        {
            return Gamma(shape + 1, scale) * Math.Pow(1 - Unit(), 1 / shape);
        }

        var d = shape - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = Normal();
            var v = Math.Pow(1 + (c * x), 3);
            if (v > 0 && Math.Log(1 - Unit()) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v)))
            {
                return d * v * scale;
            }
        }
    }

    /// <summary>16 random bytes.</summary>
    public byte[] Bytes16()
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Next());
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), Next());
        return bytes;
    }

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
