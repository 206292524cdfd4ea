namespace PiGrid.Verification;

/// <summary>
/// Whether two outputs of one shard are the same result. What is compared are decisions, because numbers differ between processors: outputs
/// agree when every decision is the same within the publisher's tolerance, disagree when one is clearly another, and say nothing about each
/// other when they differ only where a decision was close. The answer does not depend on the order of the two outputs.
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

        return comparator.Kind switch
        {
            ComparatorKind.Tensors when (a.Tensors, b.Tensors) is ({ } x, { } y) => TensorComparer.Compare(comparator, x, y),
            ComparatorKind.Labels when (a.Labels, b.Labels) is ({ } x, { } y) => LabelComparer.Compare(comparator, x, y),
            ComparatorKind.Detections when (a.Detections, b.Detections) is ({ } x, { } y) => DetectionComparer.Compare(comparator, x, y),
            ComparatorKind.Text when (a.Text, b.Text) is ({ } x, { } y) => TextComparer.Compare(x, y),
            ComparatorKind.Exact or ComparatorKind.Tensors or ComparatorKind.Labels or ComparatorKind.Detections or ComparatorKind.Text =>
                ExactComparer.Compare(a, b),
        };
    }
}
