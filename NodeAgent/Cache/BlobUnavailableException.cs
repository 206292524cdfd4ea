namespace PiGrid.NodeAgent.Cache;

/// <summary>A blob that this node cannot get or keep: the node's failure, never the input's.</summary>
/// <param name="message">Which one, and why.</param>
internal sealed class BlobUnavailableException(string message) : Exception(message);
