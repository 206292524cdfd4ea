namespace PiGrid.Grains.Scheduling;

/// <summary>
/// The hedges that the grid can afford: each ordinary replica that a node takes earns a share of one, each hedge spends a whole one. What is
/// saved up is bounded, so that a quiet hour does not pay for a storm of hedges.
/// </summary>
internal sealed class HedgeBudget(SchedulingOptions options)
{
    private double _saved = options.HedgeShare > 0 ? options.HedgeSavingsMax : 0;

    /// <summary>Whether one more hedge can be afforded.</summary>
    public bool Allows => _saved >= 1;

    /// <summary>A node took an ordinary replica.</summary>
    public void Earn() => _saved = Math.Min(options.HedgeSavingsMax, _saved + options.HedgeShare);

    /// <summary>A hedge is being given.</summary>
    public void Spend() => _saved--;

    /// <summary>The node did not take the hedge.</summary>
    public void Refund() => _saved++;
}
