using System.Text.Json;
using PiGrid.Grains.Batches;
using PiGrid.Models;
using PiGrid.Silo.Api.Inference;
using PiGrid.Verification;

namespace PiGrid.Silo.Api.OpenAi;

/// <summary>The calls of a batch: the Open Inference Protocol's infer requests, in JSON.</summary>
internal sealed class BatchCalls(ModelCatalog catalog) : IBatchCalls
{
    /// <inheritdoc/>
    public async ValueTask<BatchRoute> FindAsync(string url)
    {
        if (InferUrl.Parse(url) is not { } infer)
        {
            return new(null, "invalid_url", $"'{url}' is no infer route: /v2/models/NAME/infer or /v2/models/NAME/versions/VERSION/infer.");
        }

        try
        {
            return new(new Target(await catalog.RequireAsync(infer.Model, infer.Version)));
        }
        catch (InferenceException e)
        {
            return new(null, e.Status == StatusCodes.Status404NotFound ? "model_not_found" : "model_not_ready", e.Message);
        }
    }

    /// <inheritdoc/>
    public BatchAnswer Answer(ModelRef model, string? id, IReadOnlyList<string>? outputs, JobResult result)
    {
        if (result.Output.Error is { } error)
        {
            return Refuse(
                Failures.StatusOf(error.Code), error.Code == ItemErrorCode.GivenUp ? error.Message : $"The model gave no output for this input: {error.Message}");
        }

        var tensors = AnswerTensors.Of(result.Output);
        if (outputs?.FirstOrDefault(name => tensors.All(t => t.Name != name)) is { } missing)
        {
            return Refuse(StatusCodes.Status400BadRequest, $"outputs: there is no output '{missing}'.");
        }

        var wanted = outputs is null ? tensors : [.. outputs.Select(name => tensors.First(t => t.Name == name))];
        return new(StatusCodes.Status200OK, InferenceResponse.Write(id, model, Facts(result), [.. wanted.Select(t => (t, false))]).Json);
    }

    /// <inheritdoc/>
    public BatchAnswer Refuse(int status, string message) => new(status, JsonSerializer.SerializeToUtf8Bytes(new { Error = message }, GridJson.Wire));

    private static IEnumerable<(string Name, object Value)> Facts(JobResult result)
    {
        if (result.Receipt is { } receipt)
        {
            yield return ("receipt", receipt.Value);
        }

        yield return ("replicas", result.Replicas);
        if (result.Credibility is { } credibility)
        {
            yield return ("credibility", credibility);
        }
    }

    private sealed class Target(ModelStatus status) : IBatchTarget
    {
        private readonly ModelView _view = ModelView.Of(status);

        public ModelRef Model => _view.Ref;

        public BatchCall Read(ReadOnlyMemory<byte> body, DateTimeOffset at)
        {
            try
            {
                var request = RequestReader.Read(body, jsonLength: null);
                var terms = CallTerms.Read(request.Parameters, TimeSpan.Zero, at);
                CheckText(request, terms);
                CallInput.Check(_view, request.Outputs);
                var input = CallInput.Of(_view, request);
                var bytesMax = status.Manifest.Limits.InputBytes;
                return input.Length > bytesMax
                    ? throw new InferenceException(StatusCodes.Status413PayloadTooLarge, $"inputs: have {input.Length} bytes; an input of {Model} has at most {bytesMax}.")
                    : new BatchCall
                    {
                        Input = input,
                        Policy = terms.Policy,
                        Deadline = terms.Timeout > TimeSpan.Zero ? at + terms.Timeout : null,
                        Placement = terms.Placement,
                        Id = request.Id,
                        Outputs = request.Outputs?.Select(o => o.Name).ToArray(),
                    };
            }
            catch (InferenceException e)
            {
                return new BatchCall { Status = e.Status, Error = e.Message };
            }
        }

        // What a call asks for and a batch has not is refused, and not left out: a line's terms hold or it does not run.
        private static void CheckText(InferenceRequest request, CallTerms terms)
        {
            if (terms.BinaryOutput)
            {
                throw InferenceException.Invalid("parameters.binary_data_output", "a batch's answers are JSON lines; leave it out.");
            }

            if (request.Outputs?.FirstOrDefault(o => o.Binary == true) is { } output)
            {
                throw InferenceException.Invalid("outputs", $"'{output.Name}' is asked for in binary, but a batch's answers are JSON lines; leave binary_data out.");
            }
        }
    }
}
