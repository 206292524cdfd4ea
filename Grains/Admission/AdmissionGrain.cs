using Microsoft.Extensions.Options;
using Orleans;

namespace PiGrid.Grains.Admission;

/// <summary>Applies <see cref="AdmissionBook"/>; when it starts it counts what the registry calls open.</summary>
internal sealed class AdmissionGrain(IOptions<AdmissionOptions> options, TimeProvider time) : Grain, IAdmissionGrain
{
    private readonly AdmissionBook _book = new(options.Value);

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var partitions = await Task.WhenAll(
            RegistryLists.KeysOf(RegistryLists.Jobs).Select(key => GrainFactory.GetGrain<IRegistryGrain>(key).List()));
        foreach (var entry in partitions.SelectMany(p => p).Where(e => e is { Open: true, Internal: false }))
        {
            _book.Load(JobId.Parse(entry.Id), entry.Requester ?? "");
        }
    }

    /// <inheritdoc/>
    public Task<JobEntry> Enter(JobId job, string requester) => Task.FromResult(_book.Enter(job, requester));

    /// <inheritdoc/>
    public Task Leave(JobId job)
    {
        _book.Leave(job, time.GetUtcNow());
        return Task.CompletedTask;
    }
}
