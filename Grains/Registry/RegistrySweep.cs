using Orleans;

namespace PiGrid.Grains.Registry;

/// <summary>
/// Deletes what a list has no use for any more. Silos of a cluster may do it at once: deleting is idempotent, and a sweep that breaks off goes on at the next one.
/// </summary>
internal static class RegistrySweep
{
    /// <summary>Goes through a list, partition by partition.</summary>
    /// <param name="grains">Where the registry is found.</param>
    /// <param name="list">The list.</param>
    /// <param name="isMeant">Whether an entry that is not open is looked at.</param>
    /// <param name="delete">Deletes a thing if its time is over, and says whether it did.</param>
    /// <param name="deleted">Hears what was deleted.</param>
    /// <param name="failed">Hears why a partition could not all be swept; the others are swept all the same.</param>
    /// <param name="stopping">Ends it.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> ended it.</exception>
    public static async Task RunAsync(
        IGrainFactory grains, string list, Func<RegistryEntry, bool> isMeant, Func<string, Task<bool>> delete, Action<string> deleted, Action<Exception, string> failed, CancellationToken stopping)
    {
        foreach (var partition in RegistryLists.KeysOf(list))
        {
            try
            {
                foreach (var entry in (await grains.GetGrain<IRegistryGrain>(partition).List()).Where(entry => !entry.Open && isMeant(entry)))
                {
                    stopping.ThrowIfCancellationRequested();
                    if (await delete(entry.Id))
                    {
                        deleted(entry.Id);
                    }
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                throw;
            }
#pragma warning disable CA1031 // Whatever keeps one partition from being swept must not end the service.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failed(e, partition);
            }
        }
    }
}
