namespace PiGrid.Tests.Attack;

/// <summary>
/// SplitMix64: one word of state, so that a run is named by its seed. All seeds walk one cycle, so the seed is mixed (MurmurHash3's finaliser) before it names
/// a place on it: neighbouring seeds begin far apart.
/// </summary>
internal struct AttackRandom(ulong seed)
{
    private ulong _state = Mix(seed);

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>0 to below <paramref name="end"/>.</summary>
    public int Below(int end) => (int)Math.BigMul(Next(), (ulong)end, out _);

    /// <summary>True with a probability.</summary>
    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    private static ulong Mix(ulong seed)
    {
        unchecked
        {
            seed = (seed ^ (seed >> 33)) * 0xFF51AFD7ED558CCD;
            seed = (seed ^ (seed >> 33)) * 0xC4CEB9FE1A85EC53;
            return seed ^ (seed >> 33);
        }
    }
}
