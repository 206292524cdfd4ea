using Orleans;
using Orleans.Runtime;

namespace PiGrid.Grains.Storage;

/// <summary>Writing a grain's state when the store may be away.</summary>
internal static class PersistentStateExtensions
{
    /// <summary>
    /// Writes the state; a write that fails ends the activation. Whether it was done is unknown then, and what is in memory is not what is stored: the next
    /// call makes the grain anew from the store.
    /// </summary>
    public static async Task WriteOrStartOverAsync<T>(this IPersistentState<T> state, Grain grain, CancellationToken cancellationToken = default)
    {
        try
        {
            await state.WriteStateAsync(cancellationToken);
        }
        catch
        {
            ((IGrainBase)grain).DeactivateOnIdle();
            throw;
        }
    }
}
