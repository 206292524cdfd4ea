using PiGrid.Inference.Sessions;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Inference.Validation;

/// <summary>
/// What an operator node does with a new model version: load it, check it against its manifest, and compute its ringers. Each ringer runs
/// twice: a model that answers differently to the same input can never be verified.
/// </summary>
public static class ModelValidator
{
    /// <summary>Validates a model.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="files">The bytes that it names.</param>
    /// <param name="ringers">The inputs of the manifest's ringers, in its order.</param>
    /// <param name="preferred">The provider to try first.</param>
    /// <param name="time">The clock of time limits and timings; the system's when null.</param>
    /// <param name="cancellation">Ends it.</param>
    public static ValidationOutcome Validate(
        ModelManifest manifest, PipelineFiles files, IReadOnlyList<byte[]> ringers,
        ExecutionProvider preferred = ExecutionProvider.Cpu, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(ringers);
        try
        {
            using var pipeline = Pipeline.Load(manifest, files, preferred, time);
            return ringers.Count == manifest.Ringers.Count
                ? Run(pipeline, ringers, cancellation)
                : Refused("ringers", "missing", $"{ringers.Count} of {manifest.Ringers.Count} ringers were sent along: send all");
        }
        catch (PipelineException e)
        {
            return new() { Errors = e.Errors };
        }
    }

    private static ValidationOutcome Run(Pipeline pipeline, IReadOnlyList<byte[]> ringers, CancellationToken cancellation)
    {
        List<FieldError> errors = [];
        List<double> times = [];
        var outputs = new ItemOutput[ringers.Count];
        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i] = pipeline.Run(ringers[i], cancellation).Output;
            var again = pipeline.Run(ringers[i], cancellation);
            times.Add(again.TotalMs);
            if ((outputs[i].Error ?? again.Output.Error) is { } error)
            {
                errors.Add(new($"ringers[{i}]", "failed", $"the pipeline fails on it ({error.Code}): {error.Message}"));
            }
            else if (CanonicalJson.Digest(outputs[i]) != CanonicalJson.Digest(again.Output))
            {
                errors.Add(new($"ringers[{i}]", "not_repeatable", "the model gives another output for the same input: export it without random operators, or with their seeds"));
            }
        }

        times.Sort();
        return errors.Count > 0
            ? new() { Errors = errors }
            : new()
            {
                Report = new()
                {
                    Inputs = pipeline.Inputs,
                    Outputs = pipeline.Outputs,
                    Ringers = outputs,
                    InputMs = times.Count == 0 ? 0 : times[times.Count / 2],
                },
            };
    }

    private static ValidationOutcome Refused(string field, string code, string message) => new() { Errors = [new(field, code, message)] };
}
