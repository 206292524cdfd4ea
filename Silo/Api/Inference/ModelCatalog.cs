using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Models;

namespace PiGrid.Silo.Api.Inference;

/// <summary>
/// Which model versions there are, remembered for <see cref="ApiOptions.CatalogAge"/>: a call must not ask every registry which version is the newest. Only what
/// is ready is remembered of a version, so what becomes ready is there at once; what another silo unloads is there that long.
/// </summary>
internal sealed class ModelCatalog(IGrainFactory grains, Lists lists, IOptions<ApiOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<ModelRef, (long At, ModelStatus Status)> _ready = new();
    private volatile Listing? _listing;

    /// <summary>A version that calls may use.</summary>
    /// <param name="name">The model.</param>
    /// <param name="version">The version; the newest that is ready when null.</param>
    /// <exception cref="InferenceException">There is none (404), or it is not ready (503).</exception>
    public async ValueTask<ModelStatus> RequireAsync(string name, string? version)
    {
        var versions = version is null ? await VersionsAsync(name) : [await StatusAsync(RefOf(name, version)) ?? throw Unknown(name, version)];
        return versions.FirstOrDefault(v => v.State == ModelState.Ready) ?? throw new InferenceException(
            StatusCodes.Status503ServiceUnavailable, $"Model {versions[0].Ref} is {Describe(versions[0])}.");
    }

    /// <summary>All versions of a model, newest first; those of the newest alone up to the first that is ready.</summary>
    /// <exception cref="InferenceException">There is none (404).</exception>
    public async ValueTask<IReadOnlyList<ModelStatus>> VersionsAsync(string name, bool all = false)
    {
        var refs = (await ListAsync(TimeSpan.MaxValue)).GetValueOrDefault(name) ?? (await ListAsync(TimeSpan.Zero)).GetValueOrDefault(name) ?? [];
        var statuses = new List<ModelStatus>();
        foreach (var model in refs)
        {
            if (await StatusAsync(model) is { } status)
            {
                statuses.Add(status);
                if (!all && status.State == ModelState.Ready)
                {
                    break;
                }
            }
        }

        return statuses.Count > 0 ? statuses : throw Unknown(name, null);
    }

    /// <summary>All versions of all models, newest first, as they are now.</summary>
    public async Task<IReadOnlyList<ModelStatus>> AllAsync()
    {
        var refs = (await ListAsync(TimeSpan.Zero)).Values.SelectMany(v => v);
        var statuses = await Task.WhenAll(refs.Select(r => grains.GetGrain<IModelGrain>(r.Value).GetStatus()));
        return [.. statuses.OfType<ModelStatus>().OrderByDescending(s => s.PublishedAt).ThenBy(s => s.Ref.Value, StringComparer.Ordinal)];
    }

    /// <summary>Forgets a version that has changed.</summary>
    public void Forget(ModelRef model) => _ready.TryRemove(model, out _);

    /// <summary>The reference; malformed names name nothing.</summary>
    /// <exception cref="InferenceException">There can be no such model (404).</exception>
    public static ModelRef RefOf(string name, string version) =>
        ModelRef.TryParse($"{name}@{version}", null, out var model) && model.Name == name && model.Version == version ? model : throw Unknown(name, version);

    /// <summary>Why a version is not ready.</summary>
    public static string Describe(ModelStatus status) => status.State switch
    {
        ModelState.Pending => $"not ready yet: {status.Reason}",
        ModelState.Ready => "ready",
        ModelState.Rejected => $"rejected: {status.Reason}",
        ModelState.Unloaded => "unloaded: the grid's operator can load it again",
    };

    private static InferenceException Unknown(string name, string? version) => new(
        StatusCodes.Status404NotFound,
        version is null ? $"There is no model '{name}'." : $"There is no version '{version}' of a model '{name}'.");

    private async ValueTask<ModelStatus?> StatusAsync(ModelRef model)
    {
        if (_ready.TryGetValue(model, out var known) && time.GetElapsedTime(known.At) < options.Value.CatalogAge)
        {
            return known.Status;
        }

        var at = time.GetTimestamp();
        var status = await grains.GetGrain<IModelGrain>(model.Value).GetStatus();
        if (status is { State: ModelState.Ready })
        {
            _ready[model] = (at, status);
        }
        else
        {
            Forget(model);
        }

        return status;
    }

    private async ValueTask<IReadOnlyDictionary<string, ModelRef[]>> ListAsync(TimeSpan ageMax)
    {
        var limit = ageMax < options.Value.CatalogAge ? ageMax : options.Value.CatalogAge;
        if (_listing is { } known && time.GetElapsedTime(known.At) < limit)
        {
            return known.Versions;
        }

        var at = time.GetTimestamp();
        var versions = (await lists.EntriesAsync(RegistryLists.Models))
            .Select(e => ModelRef.Parse(e.Id))
            .GroupBy(r => r.Name)
            .ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
        _listing = new(at, versions);
        return versions;
    }

    private sealed record Listing(long At, IReadOnlyDictionary<string, ModelRef[]> Versions);
}
