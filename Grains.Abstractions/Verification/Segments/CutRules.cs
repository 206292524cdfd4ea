namespace PiGrid.Verification;

/// <summary>
/// Where to cut a model's sequence of operators: into parts of about equal work, each cut moved, within bounds, to where the fewest bytes
/// are alive. A tensor that every path crosses is the best of cuts; inside parallel branches a cut takes one tensor of each.
/// </summary>
public static class CutRules
{
    // How far a cut may be from its ideal place, in parts: less than half, so that cuts stay in order and no part becomes tiny.
    private const double Slack = 0.35;

    /// <summary>The operators behind which to cut, ascending; fewer than asked for where no cut is possible.</summary>
    /// <param name="work">What each operator takes, in any unit, in the order in which they run.</param>
    /// <param name="alive">The bytes that are made up to an operator and used behind it; null where it cannot be cut.</param>
    /// <param name="segments">How many parts; 1 or more.</param>
    public static IReadOnlyList<int> Choose(IReadOnlyList<double> work, IReadOnlyList<long?> alive, int segments)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(segments, 1);
        var done = new double[work.Count];
        for (var i = 0; i < done.Length; i++)
        {
            done[i] = work[i] + (i > 0 ? done[i - 1] : 0);
        }

        var cuts = new List<int>();
        var part = done.Length == 0 ? 0 : done[^1] / segments;
        for (var k = 1; k < segments; k++)
        {
            var ideal = part * k;
            var best = -1;
            for (var i = 0; i < done.Length - 1; i++)
            {
                if (alive[i] is { } bytes && Math.Abs(done[i] - ideal) <= Slack * part && i > (cuts.Count > 0 ? cuts[^1] : -1)
                    && (best < 0 || bytes < alive[best] || (bytes == alive[best] && Math.Abs(done[i] - ideal) < Math.Abs(done[best] - ideal))))
                {
                    best = i;
                }
            }

            if (best >= 0)
            {
                cuts.Add(best);
            }
        }

        return cuts;
    }
}
