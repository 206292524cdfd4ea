namespace PiGrid.Verification;

/// <summary>Outputs are the same when their canonical bytes are. There is nothing between the same and another.</summary>
internal static class ExactComparer
{
    /// <summary>Compares the outputs for one input.</summary>
    public static Agreement Compare(ItemOutput a, ItemOutput b) =>
        CanonicalJson.Serialize(a).AsSpan().SequenceEqual(CanonicalJson.Serialize(b)) ? Agreement.Agree : Agreement.Disagree;
}
