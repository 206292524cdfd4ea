using PiGrid.Grains.Scheduling;

namespace PiGrid.Grains.Jobs;

/// <summary>What can be said of a submission without asking anybody: every error at once. Blobs and the model are checked by the job's grain.</summary>
internal static class JobValidator
{
    /// <summary>The errors; empty when there are none.</summary>
    public static IReadOnlyList<FieldError> Validate(JobSpec spec, DateTimeOffset now, JobOptions options)
    {
        var errors = new List<FieldError>();
        if ((spec.Inputs is null) == (spec.InputIndex is null))
        {
            errors.Add(new("inputs", "invalid", "Give either inputs or input_index, not both and not none."));
        }

        ValidateInputs(spec.Inputs, options, errors);
        if (spec.InputIndex is { } index && (index.Size < 1 || index.Size > options.IndexBytesMax))
        {
            errors.Add(new("input_index.size", "out_of_range", $"An index has 1 to {options.IndexBytesMax} bytes (option Jobs:IndexBytesMax), not {index.Size}."));
        }

        if (CheckShardSize(spec.ShardSize, options) is { } wrongSize)
        {
            errors.Add(wrongSize);
        }

        if (spec.Deadline is { } deadline && deadline <= now)
        {
            errors.Add(new("deadline", "past", $"The deadline {deadline:O} is over; it is now {now:O}."));
        }

        if (!Enum.IsDefined(spec.Priority))
        {
            errors.Add(new("priority", "invalid", $"A priority is low, normal or high, not {spec.Priority}."));
        }

        if (spec.Name is { Length: > 200 })
        {
            errors.Add(new("name", "too_long", $"A job's name has at most 200 characters, not {spec.Name.Length}."));
        }

        errors.AddRange(PlacementRules.Check(spec.Placement));
        return errors;
    }

    /// <summary>Everything that is wrong with a question.</summary>
    public static IReadOnlyList<FieldError> Validate(JobQuestion question, JobOptions options)
    {
        var errors = PlacementRules.Check(question.Placement).ToList();
        if (question.Inputs < 1 || question.Inputs > options.IndexedInputsMax)
        {
            errors.Add(new("inputs", "out_of_range", $"A job has 1 to {options.IndexedInputsMax} inputs (option Jobs:IndexedInputsMax), not {question.Inputs}."));
        }

        if (CheckShardSize(question.ShardSize, options) is { } wrongSize)
        {
            errors.Add(wrongSize);
        }

        return errors;
    }

    private static FieldError? CheckShardSize(int? wished, JobOptions options) => wished is { } size && (size < 1 || size > options.ShardInputsMax)
        ? new("shard_size", "out_of_range", $"A shard has 1 to {options.ShardInputsMax} inputs (option Jobs:ShardInputsMax), not {size}.")
        : null;

    private static void ValidateInputs(IReadOnlyList<JobInput>? inputs, JobOptions options, List<FieldError> errors)
    {
        if (inputs is null)
        {
            return;
        }

        if (inputs.Count == 0)
        {
            errors.Add(new("inputs", "empty", "A job has at least one input."));
        }

        if (inputs.Count > options.InputsMax)
        {
            errors.Add(new("inputs", "too_many", $"A submission lists at most {options.InputsMax} inputs (option Jobs:InputsMax), not {inputs.Count}: upload an index and give input_index."));
            return;
        }

        for (var i = 0; i < inputs.Count; i++)
        {
            var input = inputs[i];
            if ((input.Blob is null) == (input.Data is null))
            {
                errors.Add(new($"inputs[{i}]", "invalid", "Give either blob or data, not both and not none."));
            }
            else if (input.Data?.Length > options.InlineInputBytesMax)
            {
                errors.Add(new($"inputs[{i}].data", "too_large", $"Data inside a submission has at most {options.InlineInputBytesMax} bytes (option Jobs:InlineInputBytesMax), not {input.Data.Length}: upload it as a blob."));
            }

            if (input.Name is not { Length: <= 500 })
            {
                errors.Add(new($"inputs[{i}].name", "too_long", "An input's name has at most 500 characters."));
            }
        }
    }
}
