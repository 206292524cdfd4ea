using PiGrid.Grains.Storage;
using PiGrid.Models;

namespace PiGrid.Grains.Jobs;

/// <summary>Takes a submission's inputs in: stores the bytes that came along, checks that the others are there, and writes the index.</summary>
internal static class JobIntake
{
    /// <summary>The record with its inputs, or every error found (the first 100 of them).</summary>
    public static async Task<(JobRecord? Record, IReadOnlyList<FieldError> Errors)> TakeAsync(
        JobSpec spec, ModelWork model, DateTimeOffset now, JobOptions options, IBlobStore blobs, CancellationToken cancellationToken)
    {
        return spec.Inputs is { } inputs
            ? await TakeListAsync(spec, inputs, model, now, options, blobs, cancellationToken)
            : await TakeIndexAsync(spec, model, now, options, blobs, cancellationToken);
    }

    private static async Task<(JobRecord?, IReadOnlyList<FieldError>)> TakeListAsync(
        JobSpec spec, IReadOnlyList<JobInput> inputs, ModelWork model, DateTimeOffset now, JobOptions options, IBlobStore blobs, CancellationToken cancellationToken)
    {
        // All at once: blobs that are stored together share a flush of the disk.
        var stored = await Task.WhenAll(inputs.Select(input =>
            input.Data is { } data ? blobs.PutBytesAsync(data, cancellationToken) : Task.FromResult(input.Blob!)));
        var errors = new List<FieldError>();
        for (var i = 0; i < inputs.Count; i++)
        {
            await CheckAsync($"inputs[{i}].{(inputs[i].Data is null ? "blob" : "data")}", stored[i], model, blobs, errors, cancellationToken);
        }

        if (errors.Count > 0)
        {
            return (null, errors);
        }

        var taken = inputs.Select((input, i) => new JobInput { Name = input.Name, Blob = stored[i] }).ToArray();
        var record = JobRules.Accept(spec, model, inputs.Count, now, options);
        return inputs.Count <= JobRules.InputsInRecordMax
            ? (record with { Inputs = taken }, errors)
            : (record with { Index = await blobs.PutBytesAsync(InputIndex.Write(taken), cancellationToken) }, errors);
    }

    private static async Task<(JobRecord?, IReadOnlyList<FieldError>)> TakeIndexAsync(
        JobSpec spec, ModelWork model, DateTimeOffset now, JobOptions options, IBlobStore blobs, CancellationToken cancellationToken)
    {
        var errors = new List<FieldError>();
        try
        {
            // Finding it keeps it from being collected until the job's record names it; opening it would not.
            await blobs.FindAsync(spec.InputIndex!.Sha256, cancellationToken);
            var index = await InputIndex.OpenAsync(
                spec.InputIndex!,
                stride: 1024,
                blobs,
                async (i, input) =>
                {
                    if (i >= options.IndexedInputsMax)
                    {
                        throw new InvalidDataException($"An index lists at most {options.IndexedInputsMax} inputs (option Jobs:IndexedInputsMax).");
                    }

                    await CheckAsync($"input_index line {i + 1}", input.Blob!, model, blobs, errors, cancellationToken);
                },
                cancellationToken);
            if (index.Count == 0)
            {
                errors.Add(new("input_index", "empty", "A job has at least one input."));
            }

            return errors.Count > 0
                ? (null, errors)
                : (JobRules.Accept(spec, model, index.Count, now, options) with { Index = spec.InputIndex }, errors);
        }
        catch (InvalidDataException e)
        {
            errors.Add(new("input_index", "invalid", e.Message));
            return (null, errors);
        }
    }

    private static async ValueTask CheckAsync(
        string field, BlobRef blob, ModelWork model, IBlobStore blobs, List<FieldError> errors, CancellationToken cancellationToken)
    {
        if (errors.Count >= 100)
        {
            return;
        }

        var found = await blobs.FindAsync(blob.Sha256, cancellationToken);
        if (found is null)
        {
            errors.Add(new(field, "unknown_blob", $"The grid has no blob {blob.Sha256}; upload it first."));
        }
        else if (found.Size != blob.Size)
        {
            errors.Add(new(field, "wrong_size", $"Blob {blob.Sha256} has {found.Size} bytes, not {blob.Size}."));
        }
        else if (found.Size > model.Template.Limits.InputBytes)
        {
            errors.Add(new(field, "too_large", $"An input of {model.Template.Model} has at most {model.Template.Limits.InputBytes} bytes, not {found.Size}."));
        }
    }
}
