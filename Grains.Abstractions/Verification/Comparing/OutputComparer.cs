namespace PiGrid.Verification;

/// <summary>
/// Whether two outputs of one shard are the same result. What is compared are decisions, because numbers differ between processors: outputs
/// agree when every decision is the same within the publisher's tolerance, disagree when one is clearly another, and say nothing about each
/// other when they differ only where a decision was close. The answer does not depend on the order of the two outputs.
/// <para>
/// Between once and twice the tolerance lies no man's land: neither the same nor another. Without it a forger could set honest nodes at odds, with a
/// result that is just within tolerance of the one and just outside that of the other. With it, who agrees with one honest result contradicts
/// none that agrees with that one, because all tolerances are distances.
/// </para>
/// <para>Both outputs have passed <see cref="OutputChecks"/>.</para>
/// </summary>
public static class OutputComparer
{
    /// <summary>Compares two outputs item by item: one that disagrees decides, otherwise one that is inconclusive.</summary>
    public static Agreement Compare(Comparator comparator, ShardOutput a, ShardOutput b)
    {
        ArgumentNullException.ThrowIfNull(comparator);
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Items.Count != b.Items.Count)
        {
            return Agreement.Disagree;
        }

        var whole = Agreement.Agree;
        for (var i = 0; i < a.Items.Count && whole != Agreement.Disagree; i++)
        {
            var item = Compare(comparator, a.Items[i], b.Items[i]);
            whole = item == Agreement.Agree ? whole : item;
        }

        return whole;
    }

    /// <summary>Compares the outputs for one input. What the comparator's kind does not cover is compared exactly.</summary>
    public static Agreement Compare(Comparator comparator, ItemOutput a, ItemOutput b)
    {
        ArgumentNullException.ThrowIfNull(comparator);
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Error is not null || b.Error is not null)
        {
            return ErrorComparer.Compare(a.Error, b.Error);
        }

        // What is not the same is another result only where it is so at twice the tolerance: see the remarks.
        var said = At(comparator, a, b);
        return said == Agreement.Disagree && At(Widened(comparator), a, b) != Agreement.Disagree ? Agreement.Inconclusive : said;
    }

    private static Agreement At(Comparator comparator, ItemOutput a, ItemOutput b) => comparator.Kind switch
    {
        ComparatorKind.Tensors when (a.Tensors, b.Tensors) is ({ } x, { } y) => TensorComparer.Compare(comparator, x, y),
        ComparatorKind.Labels when (a.Labels, b.Labels) is ({ } x, { } y) => LabelComparer.Compare(comparator, x, y),
        ComparatorKind.Detections when (a.Detections, b.Detections) is ({ } x, { } y) => DetectionComparer.Compare(comparator, x, y),
        ComparatorKind.Text when (a.Text, b.Text) is ({ } x, { } y) => TextComparer.Compare(x, y),
        ComparatorKind.Exact or ComparatorKind.Tensors or ComparatorKind.Labels or ComparatorKind.Detections or ComparatorKind.Text =>
            ExactComparer.Compare(a, b),
    };

    /// <summary>
    /// Twice the tolerances. For tensors the sum of two tolerances is a little more, since each is relative to a smaller number of its own; for boxes
    /// 1 - IoU is a distance (Kosub 2019), but a lax comparator must not come to take any two boxes for near.
    /// </summary>
    private static Comparator Widened(Comparator comparator) => comparator with
    {
        Absolute = comparator.Absolute * (2 + Math.Min(comparator.Relative, 1)),
        Relative = comparator.Relative * (2 + Math.Min(comparator.Relative, 1)),
        ScoreTolerance = comparator.ScoreTolerance * 2,
        Iou = Math.Max(1 - (2 * (1 - comparator.Iou)), comparator.Iou / 2),
    };
}
