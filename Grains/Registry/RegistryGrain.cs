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
        if (_pages.Plan(entry) is { } plan)
        {
            await Write(plan.Page, plan.Entries);
        }
    }

    /// <inheritdoc/>
    public async Task Remove(string id)
    {
        if (_pages.PlanRemoval(id) is { } plan)
        {
            await Write(plan.Page, plan.Entries);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RegistryEntry>> List() => Task.FromResult<IReadOnlyList<RegistryEntry>>(_pages.Entries.ToArray());

    private async Task Write(int page, IReadOnlyList<RegistryEntry> entries)
    {
        if (page == _stored.Count)
        {
            _stored.Add(new GrainState<RegistryPage>());
        }

        var state = _stored[page];
        state.State = new RegistryPage { Entries = [.. entries] };
        try
        {
            await storage.WriteStateAsync(NameOf(page), GrainContext.GrainId, state);
        }
        catch
        {
            // Whether it was written is unknown: the next call reads the pages anew.
            DeactivateOnIdle();
            throw;
        }

        _pages.Apply(page, entries);
    }

    private static string NameOf(int page) => string.Create(CultureInfo.InvariantCulture, $"page-{page}");
}
