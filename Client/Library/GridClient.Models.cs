using PiGrid.Client.Http;
using PiGrid.Models;

namespace PiGrid.Client;

/// <content>Model versions.</content>
public sealed partial class GridClient
{
    /// <summary>Publishes a manifest whose files the grid has as blobs. Publishing the same manifest again changes nothing.</summary>
    /// <exception cref="GridApiException">The manifest is refused; the fields say why, every reason at once.</exception>
    public async Task<ModelStatus> PublishAsync(ModelManifest manifest, CancellationToken cancellationToken = default)
    {
        var outcome = await _transport
            .SendAsync<PublishOutcome>(GridCall.Post("api/models", manifest, safe: true), cancellationToken).ConfigureAwait(false);
        return outcome.Status ?? throw new GridApiException(
            System.Net.HttpStatusCode.UnprocessableEntity, "invalid", "The grid refused the manifest.", outcome.Errors);
    }

    /// <summary>Uploads the files that a manifest names, and publishes it.</summary>
    /// <exception cref="ManifestException">The manifest or one of its files cannot be read.</exception>
    /// <exception cref="GridApiException">The manifest is refused.</exception>
    public async Task<ModelStatus> PublishAsync(ManifestFolder folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        foreach (var path in folder.Paths)
        {
            await UploadFileAsync(path, cancellationToken).ConfigureAwait(false);
        }

        return await PublishAsync(folder.Sealed, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All model versions, newest first.</summary>
    public IAsyncEnumerable<ModelStatus> ListModelsAsync(CancellationToken cancellationToken = default) =>
        ListAsync<ModelStatus>("api/models?limit=100", cancellationToken);

    /// <summary>Where a version stands; null when there is none.</summary>
    public Task<ModelStatus?> FindModelAsync(ModelRef model, CancellationToken cancellationToken = default) =>
        _transport.FindAsync<ModelStatus>(GridCall.Get(PathOf(model)), cancellationToken);

    /// <summary>Waits until a version is ready or rejected.</summary>
    /// <exception cref="GridApiException">There is no such version.</exception>
    public async Task<ModelStatus> WaitForModelAsync(ModelRef model, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var status = await _transport
                .SendAsync<ModelStatus>(GridCall.GetWaiting(PathOf(model), _options.LongPoll), cancellationToken).ConfigureAwait(false);
            if (status.State != ModelState.Pending)
            {
                return status;
            }

            await Task.Delay(_options.PollPause, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string PathOf(ModelRef model) => $"api/models/{Escape(model.Name)}/versions/{Escape(model.Version)}";
}
