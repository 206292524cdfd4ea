namespace PiGrid.NodeAgent.Work;

/// <summary>The node cannot do a lease's work for a reason of its own.</summary>
/// <param name="message">Why, for the grid.</param>
internal sealed class LeaseFailedException(string message) : Exception(message);
