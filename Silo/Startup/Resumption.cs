using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Batches;
using PiGrid.Grains.Storage;
using PiGrid.Models;
using PiGrid.Silo.Hosting;

namespace PiGrid.Silo.Startup;

/// <summary>
/// After a start nothing runs by itself: grains wake when they are called, and reminders take a minute. So every job, batch and model that the
/// registries call open is woken here, some at a time, while the silo already serves: whoever asks for one that was not woken yet wakes it.
/// </summary>
internal sealed partial class Resumption(IGrainFactory grains, IOptions<SiloOptions> options, ILogger<Resumption> logger)
{
    /// <summary>Finds what is open, and starts to wake it. The work goes on when this returns, until it is done or cancelled.</summary>
    /// <exception cref="StorageException">The registries cannot be read.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var models = await FindOpenAsync(RegistryLists.Models);
        var jobs = await FindOpenAsync(RegistryLists.Jobs);
        var batches = await FindOpenAsync(RegistryLists.Batches);
        _ = ResumeAsync(models, jobs, batches, cancellationToken);
    }

    /// <summary>Begins once more, after the store was away: what then could not be stored is forgotten. What fails is logged.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StartAsync(cancellationToken);
        }
#pragma warning disable CA1031 // Nobody waits for it. If the store is away again, this is called when that has returned.
        catch (Exception e)
#pragma warning restore CA1031
        {
            NotResumedAgain(e);
        }
    }

    private async Task<List<string>> FindOpenAsync(string list)
    {
        var partitions = await Task.WhenAll(RegistryLists.KeysOf(list).Select(key => grains.GetGrain<IRegistryGrain>(key).List()));
        return [.. partitions.SelectMany(p => p).Where(e => e.Open).OrderBy(e => e.CreatedAt).Select(e => e.Id)];
    }

    private async Task ResumeAsync(List<string> models, List<string> jobs, List<string> batches, CancellationToken cancellationToken)
    {
        try
        {
            await ResumeAsync(RegistryLists.Models, models, id => grains.GetGrain<IModelGrain>(id).Resume(), cancellationToken);
            await ResumeAsync(RegistryLists.Jobs, jobs, id => grains.GetGrain<IJobGrain>(id).Resume(), cancellationToken);
            await ResumeAsync(RegistryLists.Batches, batches, id => grains.GetGrain<IBatchGrain>(id).Resume(), cancellationToken);
            Resumed(jobs.Count, batches.Count, models.Count);
        }
        catch (OperationCanceledException)
        {
            // The silo stops; the next start goes on.
        }
    }

    private async Task ResumeAsync(string list, List<string> open, Func<string, Task> resume, CancellationToken cancellationToken)
    {
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
    }
}
