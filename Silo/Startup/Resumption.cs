using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Models;
using PiGrid.Silo.Hosting;

namespace PiGrid.Silo.Startup;

/// <summary>
/// After a start nothing runs by itself: grains wake when they are called, and reminders take a minute. So every job and model that the
/// registries call open is woken here.
/// </summary>
internal sealed partial class Resumption(IGrainFactory grains, IOptions<SiloOptions> options, ILogger<Resumption> logger)
{
    /// <summary>Wakes what is open. One that cannot go on is logged and does not hold up the others.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var models = await ResumeAsync(RegistryLists.Models, id => grains.GetGrain<IModelGrain>(id).Resume(), cancellationToken);
        var jobs = await ResumeAsync(RegistryLists.Jobs, id => grains.GetGrain<IJobGrain>(id).Resume(), cancellationToken);
        Resumed(jobs, models);
    }

    private async Task<int> ResumeAsync(string list, Func<string, Task> resume, CancellationToken cancellationToken)
    {
        var partitions = await Task.WhenAll(RegistryLists.KeysOf(list).Select(key => grains.GetGrain<IRegistryGrain>(key).List()));
        var open = partitions.SelectMany(p => p).Where(e => e.Open).Select(e => e.Id).ToList();
        var limit = new ParallelOptions { MaxDegreeOfParallelism = options.Value.ResumesMax, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(open, limit, async (id, _) =>
        {
            try
            {
                await resume(id);
            }
#pragma warning disable CA1031 // Whatever keeps one from going on must not keep the grid from starting.
            catch (Exception e)
#pragma warning restore CA1031
            {
                NotResumed(e, list, id);
            }
        });
        return open.Count;
    }
}
