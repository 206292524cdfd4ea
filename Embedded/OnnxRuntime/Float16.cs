namespace Microsoft.ML.OnnxRuntime;

/// <summary>An IEEE 754 half, by its bits, as tensors hold it.</summary>
public readonly struct Float16(ushort v) : IEquatable<Float16>
{
    public readonly ushort value = v;

    public float ToFloat() => (float)this;

    public static explicit operator Float16(float value) => new(BitConverter.HalfToUInt16Bits((Half)value));

    public static explicit operator float(Float16 value) => (float)BitConverter.UInt16BitsToHalf(value.value);

    /// <summary>Equal as numbers: no NaN equals another, both zeros are equal.</summary>
    public static bool operator ==(Float16 left, Float16 right) => (float)left == (float)right;

    public static bool operator !=(Float16 left, Float16 right) => !(left == right);

    public bool Equals(Float16 other) => value == other.value || this == other || (float.IsNaN((float)this) && float.IsNaN((float)other));

    public override bool Equals(object? obj) => obj is Float16 other && Equals(other);

    public override int GetHashCode() => ((float)this).GetHashCode();

    public override string ToString() => ToFloat().ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>The upper half of a <see cref="float"/>, by its bits, as tensors hold it.</summary>
public readonly struct BFloat16(ushort v) : IEquatable<BFloat16>
{
    private const ushort NotANumber = 0xFFC1;

    public readonly ushort value = v;

    public float ToFloat() => (float)this;

    /// <summary>Rounds to the nearest, ties to even.</summary>
    public static explicit operator BFloat16(float value)
    {
        if (float.IsNaN(value))
        {
            return new BFloat16(NotANumber);
        }
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return new BFloat16((ushort)(unchecked(bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }

    public static explicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value.value << 16);

    /// <summary>Equal as numbers: no NaN equals another, both zeros are equal.</summary>
    public static bool operator ==(BFloat16 left, BFloat16 right) => (float)left == (float)right;

    public static bool operator !=(BFloat16 left, BFloat16 right) => !(left == right);

    public bool Equals(BFloat16 other) => value == other.value || this == other || (float.IsNaN((float)this) && float.IsNaN((float)other));

    public override bool Equals(object? obj) => obj is BFloat16 other && Equals(other);

    public override int GetHashCode() => ((float)this).GetHashCode();

    public override string ToString() => ToFloat().ToString(System.Globalization.CultureInfo.InvariantCulture);
}
