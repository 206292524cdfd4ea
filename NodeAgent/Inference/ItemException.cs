using PiGrid.Verification;

namespace PiGrid.Inference;

/// <summary>An input that a pipeline cannot turn into an output; becomes the item's <see cref="ItemError"/>.</summary>
/// <param name="code">What kind of failure.</param>
/// <param name="message">What was wrong with the input and what to do, for its owner.</param>
public sealed class ItemException(ItemErrorCode code, string message) : Exception(message)
{
    /// <summary>What kind of failure.</summary>
    public ItemErrorCode Code { get; } = code;
}
