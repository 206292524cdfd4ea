using System.Collections.Frozen;

namespace PiGrid.Verification;

/// <summary>The element types that an output's tensors may have, by name.</summary>
internal static class TensorTypes
{
    /// <summary>The type whose elements have no fixed size.</summary>
    public const string Text = "string";

    private static readonly FrozenDictionary<string, int> Sizes = new Dictionary<string, int>
    {
        ["float16"] = 2,
        ["bfloat16"] = 2,
        ["float32"] = 4,
        ["float64"] = 8,
        ["int8"] = 1,
        ["uint8"] = 1,
        ["int16"] = 2,
        ["uint16"] = 2,
        ["int32"] = 4,
        ["uint32"] = 4,
        ["int64"] = 8,
        ["uint64"] = 8,
        ["bool"] = 1,
        [Text] = 0,
    }.ToFrozenDictionary();

    /// <summary>The bytes of one element, 0 for text; null for a type that no output has.</summary>
    public static int? SizeOf(string type) => Sizes.TryGetValue(type, out var size) ? size : null;

    /// <summary>
    /// The number of elements of a tensor of that shape, 1 for a scalar; null when a dimension is negative or the number is over 2^31 - 1.
    /// </summary>
    public static long? Elements(IReadOnlyList<long> shape)
    {
        long elements = 1;
        foreach (var dimension in shape)
        {
            if (dimension is < 0 or > int.MaxValue)
            {
                return null;
            }

            elements *= dimension;
            if (elements > int.MaxValue)
            {
                return null;
            }
        }

        return elements;
    }
}
