using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans;
using PiGrid.Grains.Shards.Segments;
using PiGrid.Grains.Storage;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Grains.Models;

/// <summary>Applies <see cref="ModelRules"/>.</summary>
internal sealed partial class ModelGrain(
    [PersistentState("model", GridStorage.Name)] IPersistentState<ModelRecord> record,
    IBlobStore blobs,
    IOptions<SegmentCheckOptions> segments,
    TimeProvider time,
    ILogger<ModelGrain> logger) : Grain, IModelGrain
{
    private string? _queued;

    public async Task<PublishOutcome> Publish(ModelManifest manifest)
    {
        var errors = ManifestValidator.Validate(manifest, isPublished: true).ToList();
        if (errors.Count == 0 && manifest.Ref.Value != this.GetPrimaryKeyString())
        {
            errors.Add(new("name", "invalid", $"The manifest is of {manifest.Ref}, not of {this.GetPrimaryKeyString()}."));
        }

        if (errors.Count == 0)
        {
            await CheckFiles(manifest, errors);
        }

        if (errors.Count > 0)
        {
            return new PublishOutcome { Errors = errors };
        }

        var bytes = CanonicalJson.Serialize(manifest);
        switch (ModelRules.Publish(record.State, Sha256.Of(bytes)))
        {
            case ModelRules.PublishMove.Conflict:
                errors.Add(new("version", "conflict", $"{manifest.Ref} is published with another manifest; a version never changes: choose a new one."));
                return new PublishOutcome { Errors = errors };
            case ModelRules.PublishMove.Begin:
                await Begin(manifest, bytes);
                break;
            case ModelRules.PublishMove.Same:
                break;
        }

        return new PublishOutcome { Status = Status() };
    }

    public Task<ModelStatus?> GetStatus() => Task.FromResult(record.State.Manifest is null ? null : Status());

    public Task<ModelWork?> GetWork() => Task.FromResult(ModelRules.IsUsable(record.State) && record.State.Manifest is { } manifest
        ? new ModelWork
        {
            Template = ModelRules.Template(manifest, record.State.ManifestBlob!, WorkKind.Run, segments.Value.Enabled ? record.State.Segments : null),
            Comparator = PiGrid.Verification.Comparator.Of(manifest),
            InputMs = record.State.Report!.InputMs,
        }
        : null);

    public Task<ModelStatus?> Unload() => Switch(unloaded: true);

    public Task<ModelStatus?> Load() => Switch(unloaded: false);

    public async Task Resume()
    {
        if (record.State is { State: ModelState.Pending, Manifest: { } manifest })
        {
            await StartValidation(manifest);
        }
        else if (record.State.Manifest is not null)
        {
            // The silo stopped, or the disk was full, between the end of its validation and its entry's.
            await Enter(open: false);
        }
    }

    public async Task ValidationEnded(JobId job, ItemOutput? output, string? error)
    {
        var next = ModelRules.End(record.State, job, output, error);
        if (next != record.State)
        {
            if (next is { Segments: not null, Report.Plan: { } plan })
            {
                await blobs.PutBytesAsync(CanonicalJson.Serialize(plan), CancellationToken.None);
            }

            record.State = next;
            await record.WriteOrStartOverAsync(this);
            LogValidated(next.Manifest!.Ref, next.State, next.Reason);
            await Incidents.Close(IncidentKind.ModelWaits, this.GetPrimaryKeyString());
            if (next.State == ModelState.Rejected)
            {
                await Incidents.Report(IncidentKind.ModelRejected, this.GetPrimaryKeyString(), next.Reason ?? "");
            }

            await Enter(open: false);
        }
    }

    public Task ValidationQueued(JobId job, string? reason)
    {
        if (record.State.Validation != job || _queued == reason)
        {
            return Task.CompletedTask;
        }

        _queued = reason;
        return reason is null
            ? Incidents.Close(IncidentKind.ModelWaits, this.GetPrimaryKeyString())
            : Incidents.Report(IncidentKind.ModelWaits, this.GetPrimaryKeyString(), reason);
    }

    private IIncidentsGrain Incidents => GrainFactory.GetGrain<IIncidentsGrain>(IIncidentsGrain.Key);

    private ModelStatus Status() => ModelRules.ToStatus(record.State, _queued);

    private async Task<ModelStatus?> Switch(bool unloaded)
    {
        if (record.State.Manifest is not null && record.State.Unloaded != unloaded)
        {
            record.State = record.State with { Unloaded = unloaded };
            await record.WriteOrStartOverAsync(this);
            LogSwitched(record.State.Manifest.Ref, unloaded ? "out of" : "into");
        }

        return await GetStatus();
    }

    private async Task CheckFiles(ModelManifest manifest, List<FieldError> errors)
    {
        var files = manifest.Files.Select((f, i) => ($"files[{i}]", f))
            .Concat(manifest.Ringers.Select((f, i) => ($"ringers[{i}]", f)));
        if (manifest.Model is { } model)
        {
            files = files.Prepend(("model", model));
        }

        foreach (var (field, file) in files)
        {
            var found = file.Sha256 is { } digest ? await blobs.FindAsync(digest, CancellationToken.None) : null;
            if (found is null)
            {
                errors.Add(new($"{field}.sha256", "unknown_blob", $"The grid does not have the bytes of '{file.File}'; upload them as a blob and name their digest here."));
            }
            else if (found.Size != file.Size)
            {
                errors.Add(new($"{field}.size", "wrong_size", $"'{file.File}' has {found.Size} bytes, not {file.Size}."));
            }
        }
    }

    private async Task Begin(ModelManifest manifest, byte[] bytes)
    {
        var blob = await blobs.PutBytesAsync(bytes, CancellationToken.None);
        var before = record.State;
        record.State = ModelRules.Begin(manifest, blob, NewId.Job(), time.GetUtcNow());
        try
        {
            await Task.WhenAll(Enter(open: true), record.WriteOrStartOverAsync(this));
        }
        catch
        {
            record.State = before;
            throw;
        }

        LogPublished(manifest.Ref, blob.Sha256);
        await StartValidation(manifest);
    }

    private Task StartValidation(ModelManifest manifest) => GrainFactory
        .GetGrain<IJobGrain>(record.State.Validation!.Value.Value)
        .StartValidation(
            ModelRules.Template(manifest, record.State.ManifestBlob!, WorkKind.Validate, ModelRules.Cut(manifest, segments.Value)),
            manifest.Ringers.Select(ModelRules.Ref).ToArray());

    private Task Enter(bool open) => GrainFactory
        .GetGrain<IRegistryGrain>(RegistryLists.KeyOf(RegistryLists.Models, this.GetPrimaryKeyString()))
        .Put(new RegistryEntry(this.GetPrimaryKeyString(), open, record.State.PublishedAt));

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model} published with manifest {Manifest}; it waits for an operator node")]
    private partial void LogPublished(ModelRef model, Sha256 manifest);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model} was taken {Way} use")]
    private partial void LogSwitched(ModelRef model, string way);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model} is {State}: {Reason}")]
    private partial void LogValidated(ModelRef model, ModelState state, string? reason);
}
