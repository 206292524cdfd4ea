using PiGrid.Models;

namespace PiGrid.Verification;

/// <summary>
/// What can be said against an output without another one to compare it with. A malformed output is the fault of its node and never takes
/// part in a quorum.
/// </summary>
public static class OutputChecks
{
    /// <summary>Why an output is malformed; empty when it is not. At most <see cref="OutputLimits.ReasonsMax"/> reasons.</summary>
    /// <param name="output">The output.</param>
    /// <param name="items">How many items it is to have: one per input, or 1 for a model's validation.</param>
    /// <param name="kind">What the pipeline gives out; not checked when null.</param>
    /// <param name="threshold">The score below which the decoder reports no detection; not checked when null.</param>
    public static IReadOnlyList<string> Check(ShardOutput output, int items, OutputKind? kind = null, double? threshold = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        var reasons = new Reasons();
        if (output.Items.Count != items)
        {
            reasons.Add($"It has {output.Items.Count} items where there are {items} inputs.");
        }
        else
        {
            for (var i = 0; i < items && !reasons.IsFull; i++)
            {
                reasons.At = $"items[{i}]";
                CheckItem(reasons, output.Items[i], kind, threshold);
            }
        }

        return reasons.List;
    }

    /// <summary>The kind of output that a comparator is for; null where it says nothing of it.</summary>
    public static OutputKind? KindOf(ComparatorKind comparator) => comparator switch
    {
        ComparatorKind.Tensors => OutputKind.Tensors,
        ComparatorKind.Labels => OutputKind.Labels,
        ComparatorKind.Detections => OutputKind.Detections,
        ComparatorKind.Text => OutputKind.Text,
        ComparatorKind.Exact => null,
    };

    private static void CheckItem(Reasons reasons, ItemOutput? item, OutputKind? kind, double? threshold)
    {
        object?[] members = item is null ? [] : [item.Error, item.Labels, item.Detections, item.Text, item.Tensors, item.Report, item.Opening, item.Finding];
        var set = members.Count(member => member is not null);
        if (set != 1)
        {
            reasons.Add($"{set} of error, labels, detections, text, tensors, report, opening and finding are set; exactly one must be.");
            return;
        }

        if (item!.Opening is not null || item.Finding is not null)
        {
            reasons.Add("an opening or a finding is the answer to a check of segments and no output of a run.");
            return;
        }

        if (item.Error is null && kind is { } wanted && !HasKind(item, wanted))
        {
            reasons.Add($"the output is not of the kind '{wanted.ToString().ToLowerInvariant()}' that the manifest states.");
            return;
        }

        if (item.Error is { } error)
        {
            CheckError(reasons, error);
        }
        else if (item.Labels is { } labels)
        {
            ScoreChecks.CheckLabels(reasons, labels);
        }
        else if (item.Detections is { } detections)
        {
            ScoreChecks.CheckDetections(reasons, detections, threshold);
        }
        else if (item.Text is { } text)
        {
            CheckText(reasons, text);
        }
        else if (item.Tensors is { } tensors)
        {
            TensorChecks.Check(reasons, tensors);
        }
    }

    private static bool HasKind(ItemOutput item, OutputKind kind) => kind switch
    {
        OutputKind.Tensors => item.Tensors is not null,
        OutputKind.Labels => item.Labels is not null,
        OutputKind.Detections => item.Detections is not null,
        OutputKind.Text => item.Text is not null,
    };

    private static void CheckError(Reasons reasons, ItemError error)
    {
        if (error.Code == ItemErrorCode.GivenUp)
        {
            reasons.Add("the error code 'given_up' is the grid's; a node reports another one.");
        }

        if (error.Message.Length > OutputLimits.NameMax)
        {
            reasons.Add($"the error's message has over {OutputLimits.NameMax} characters.");
        }
    }

    private static void CheckText(Reasons reasons, GeneratedText text)
    {
        if (text.Tokens.Count > OutputLimits.TokensMax || text.Text.Length > OutputLimits.TextMax)
        {
            reasons.Add($"the text has over {OutputLimits.TokensMax} tokens or {OutputLimits.TextMax} characters.");
        }
        else if (text.Tokens.Any(token => token < 0))
        {
            reasons.Add("a token is negative.");
        }
    }
}
