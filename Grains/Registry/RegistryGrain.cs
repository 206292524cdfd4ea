using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Storage;
using PiGrid.Grains.Storage;

namespace PiGrid.Grains.Registry;

/// <summary>
/// One partition of a list. It uses the storage directly rather than one injected state, because its entries are many states: one per page.
/// </summary>
public sealed class RegistryGrain([FromKeyedServices(GridStorage.Name)] IGrainStorage storage) : Grain, IRegistryGrain
{
    private readonly RegistryPages _pages = new();
    private readonly List<GrainState<RegistryPage>> _stored = [];

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var state = new GrainState<RegistryPage>();
            await storage.ReadStateAsync(NameOf(_stored.Count), GrainContext.GrainId, state);
            if (!state.RecordExists)
            {
                return;
            }

            _stored.Add(state);
            _pages.Load(state.State!.Entries);
        }
    }

    /// <inheritdoc/>
    public async Task Put(RegistryEntry entry)
    {
        if (_pages.Plan(entry) is not { } plan)
        {
            return;
        }

        if (plan.Page == _stored.Count)
        {
            _stored.Add(new GrainState<RegistryPage>());
        }

        var state = _stored[plan.Page];
        state.State = new RegistryPage { Entries = [.. plan.Entries] };
        await storage.WriteStateAsync(NameOf(plan.Page), GrainContext.GrainId, state);
        _pages.Apply(plan.Page, plan.Entries);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RegistryEntry>> List() => Task.FromResult<IReadOnlyList<RegistryEntry>>(_pages.Entries.ToArray());

    private static string NameOf(int page) => string.Create(CultureInfo.InvariantCulture, $"page-{page}");
}
