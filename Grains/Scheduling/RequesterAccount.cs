namespace PiGrid.Grains.Scheduling;

/// <summary>
/// What one requester has had of the nodes' time, for fair queueing (start-time fair queueing, Goyal et al. 1996): whoever has had least goes
/// next. One that comes back after having nothing waiting starts level with the others: unused time is not saved up.
/// </summary>
internal sealed class RequesterAccount(string requester) : IComparable<RequesterAccount>
{
    /// <summary>Whose it is; empty for the grid's own work.</summary>
    public string Requester { get; } = requester;

    /// <summary>The node time had, in seconds, on the common scale.</summary>
    public double Served { get; private set; }

    /// <summary>How many of the requester's replicas wait or are being given.</summary>
    public int Held { get; set; }

    /// <summary>Something waits again: nothing is made up for from before <paramref name="level"/>.</summary>
    public void Return(double level) => Served = Math.Max(Served, level);

    /// <summary>A replica was given to a node. Only while the account is in no queue.</summary>
    public void Charge(double seconds) => Served += seconds;

    /// <inheritdoc/>
    public int CompareTo(RequesterAccount? other)
    {
        var order = other is null ? 1 : Served.CompareTo(other.Served);
        return order != 0 ? order : string.CompareOrdinal(Requester, other!.Requester);
    }
}
