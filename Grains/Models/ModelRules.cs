using PiGrid.Grains.Shards.Segments;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Grains.Models;

/// <summary>
/// The decisions of a model version: a version never changes its bytes; it is pending until an operator node has run it, then ready or
/// rejected; only a rejected one may be published again.
/// </summary>
internal static class ModelRules
{
    /// <summary>What publishing does.</summary>
    internal enum PublishMove
    {
        /// <summary>A new version, or another try of a rejected one.</summary>
        Begin,

        /// <summary>The same version is there already.</summary>
        Same,

        /// <summary>Another manifest has this reference.</summary>
        Conflict,
    }

    /// <summary>What publishing a manifest with this digest means.</summary>
    public static PublishMove Publish(ModelRecord record, Sha256 manifest) =>
        record.Manifest is null || record.State == ModelState.Rejected ? PublishMove.Begin
        : record.ManifestBlob!.Sha256 == manifest ? PublishMove.Same
        : PublishMove.Conflict;

    /// <summary>The record of a version that was just published.</summary>
    public static ModelRecord Begin(ModelManifest manifest, BlobRef blob, JobId validation, DateTimeOffset now) => new()
    {
        Manifest = manifest,
        ManifestBlob = blob,
        State = ModelState.Pending,
        PublishedAt = now,
        Validation = validation,
    };

    /// <summary>After the validation's job has ended; an answer of another job, or a second one, changes nothing.</summary>
    public static ModelRecord End(ModelRecord record, JobId job, ItemOutput? output, string? error)
    {
        if (record.Validation != job || record.State != ModelState.Pending)
        {
            return record;
        }

        return output?.Report is { } report
            ? record with { State = ModelState.Ready, Report = report, Reason = null, Segments = SegmentsOf(record.Manifest!, report.Plan) }
            : record with
            {
                State = ModelState.Rejected,
                Reason = output?.Error?.Message ?? error ?? "The validation ended without a report.",
            };
    }

    /// <summary>Whether jobs and calls may use it.</summary>
    public static bool IsUsable(ModelRecord record) => record is { State: ModelState.Ready, Unloaded: false };

    /// <summary>
    /// What is asked of a validation beside the report: to cut the model. A small one is not worth it, one without ringers gives no example to measure, text runs the
    /// model many times, and results that are compared exactly would differ in their last bits between nodes that give out tensors and nodes that do not.
    /// </summary>
    /// <returns>Null where the model is not to be cut.</returns>
    public static SegmentTerms? Cut(ModelManifest manifest, SegmentCheckOptions options) =>
        options.Enabled && manifest.Model?.Size >= options.ModelBytesMin && manifest.Ringers.Count > 0
            && manifest.Postprocess.Kind != OutputKind.Text && PiGrid.Verification.Comparator.Of(manifest).Kind != ComparatorKind.Exact
            ? new() { Segments = options.Count, OpeningBytesMax = options.OpeningBytesMax }
            : null;

    /// <summary>The plan as what nodes are sent; null where there is none, or one of another model.</summary>
    private static SegmentTerms? SegmentsOf(ModelManifest manifest, SegmentPlan? plan)
    {
        if (plan is not { Segments.Count: > 1 } || plan.Model != manifest.Model?.Sha256)
        {
            return null;
        }

        var bytes = CanonicalJson.Serialize(plan);
        return new() { Plan = new BlobRef(Sha256.Of(bytes), bytes.Length), Segments = plan.Segments.Count };
    }

    /// <summary>What a node runs for this version.</summary>
    public static WorkTemplate Template(ModelManifest manifest, BlobRef blob, WorkKind kind, SegmentTerms? segments) => new()
    {
        Segments = segments,
        Kind = kind,
        Model = manifest.Ref,
        Manifest = blob,
        ModelFile = manifest.Model is { } model ? Ref(model) : null,
        Files = manifest.Files.Select(f => new WorkFile(f.File, Ref(f))).ToArray(),
        Category = manifest.Category,
        Limits = manifest.Limits,
    };

    /// <summary>The file as a blob; the manifest is one that was checked to name digests and sizes.</summary>
    public static BlobRef Ref(ManifestFile file) => new(file.Sha256!.Value, file.Size!.Value);

    /// <summary>What callers see.</summary>
    public static ModelStatus ToStatus(ModelRecord record, string? queued) => new()
    {
        Ref = record.Manifest!.Ref,
        State = record is { State: ModelState.Ready, Unloaded: true } ? ModelState.Unloaded : record.State,
        Reason = record.State == ModelState.Pending ? queued ?? "an operator node is to validate it" : record.Reason,
        PublishedAt = record.PublishedAt,
        Manifest = record.Manifest,
        ManifestDigest = record.ManifestBlob!.Sha256,
        Report = record.Report,
    };
}
