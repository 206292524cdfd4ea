namespace PiGrid.Client;

/// <summary>No grid answered at the address, or it answered that it cannot serve now; the message says what to do.</summary>
public sealed class GridUnreachableException : Exception
{
    /// <summary>With the address, and what happened at it.</summary>
    public GridUnreachableException(Uri grid, string what, Exception? inner)
        : base($"No grid can be reached at {grid}: {what.TrimEnd('.')}. Is the silo running, and is the address right?", inner) => Grid = grid;

    /// <summary>The address.</summary>
    public Uri Grid { get; }
}
