using System.Numerics;

namespace PiGrid.Verification;

/// <summary>
/// Tensors are the same when names, types and shapes are and every element is within tolerance. A relative tolerance alone would be useless
/// near zero, and an absolute one far from it, so both are added (the usual rule of numerical libraries); taking the smaller of the two
/// magnitudes makes it symmetric and never laxer than either reading of the published formula. A NaN or an infinity agrees with nothing,
/// not even with itself: it is a computation that failed. Text and truth values are decisions and must be equal.
/// </summary>
internal static class TensorComparer
{
    /// <summary>Compares the tensors for one input.</summary>
    public static Agreement Compare(Comparator comparator, IReadOnlyList<TensorData> a, IReadOnlyList<TensorData> b) =>
        a.Count == b.Count && a.Zip(b).All(pair => Same(comparator, pair.First, pair.Second)) ? Agreement.Agree : Agreement.Disagree;

    private static bool Same(Comparator comparator, TensorData a, TensorData b) =>
        a.Name == b.Name
        && a.Type == b.Type
        && a.Shape.SequenceEqual(b.Shape)
        && a.Data.Length == b.Data.Length
        && SameElements(comparator, a.Type, a.Data, b.Data);

    private static bool SameElements(Comparator comparator, string type, byte[] a, byte[] b) =>
        FloatElements.TryRead(type, a, out var x) && FloatElements.TryRead(type, b, out var y)
            ? SameFloats(comparator.Absolute, comparator.Relative, x, y)
            : a.AsSpan().SequenceEqual(b) || SameIntegers(comparator.Absolute, type, a, b);

    private static bool SameFloats(double absolute, double relative, FloatElements a, FloatElements b)
    {
        for (var i = 0; i < a.Count; i++)
        {
            if (!Close(a[i], b[i], absolute, relative))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Close(double a, double b, double absolute, double relative)
    {
        // The difference of two finite doubles can overflow; such a pair is apart whatever the tolerance.
        var difference = Math.Abs(a - b);
        return double.IsFinite(difference) && difference <= absolute + (relative * Math.Min(Math.Abs(a), Math.Abs(b)));
    }

    /// <summary>Whole numbers are classes, counts or quantised values: for these a relative tolerance means nothing.</summary>
    private static bool SameIntegers(double absolute, string type, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => type switch
    {
        "int8" => SameIntegers<sbyte>(absolute, a, b),
        "uint8" => SameIntegers<byte>(absolute, a, b),
        "int16" => SameIntegers<short>(absolute, a, b),
        "uint16" => SameIntegers<ushort>(absolute, a, b),
        "int32" => SameIntegers<int>(absolute, a, b),
        "uint32" => SameIntegers<uint>(absolute, a, b),
        "int64" => SameIntegers<long>(absolute, a, b),
        "uint64" => SameIntegers<ulong>(absolute, a, b),
        _ => false,
    };

    private static bool SameIntegers<T>(double absolute, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var size = T.Zero.GetByteCount();
        var unsigned = T.MinValue >= T.Zero;
        for (var at = 0; at + size <= a.Length; at += size)
        {
            var x = Int128.CreateChecked(T.ReadLittleEndian(a.Slice(at, size), unsigned));
            var y = Int128.CreateChecked(T.ReadLittleEndian(b.Slice(at, size), unsigned));
            if ((double)Int128.Abs(x - y) > absolute)
            {
                return false;
            }
        }

        return true;
    }
}
