using System.Text.Json;
using PiGrid.Client.Http;

namespace PiGrid.Client;

/// <content>Calls of models, by the Open Inference Protocol.</content>
public sealed partial class GridClient
{
    /// <summary>Calls a model and gives its outputs. The inputs are sent from where they lie, and must not change before the answer.</summary>
    /// <param name="model">The model: its name, whose newest ready version runs, or <c>NAME@VERSION</c>.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="policy">How the result is checked before it is answered; adaptive when null.</param>
    /// <param name="timeout">How long the grid may take; the silo's own limit when null.</param>
    /// <param name="cancellationToken">Ends the call, on the grid too.</param>
    /// <exception cref="GridApiException">The call is refused, or failed on the grid; the message says why.</exception>
    /// <exception cref="GridUnreachableException">No answer, after all retries.</exception>
    public Task<InferResult> InferAsync(
        string model, IReadOnlyList<InferInput> inputs, VerificationPolicy? policy = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        InferAsync(new InferRequest { Model = model, Inputs = inputs, Policy = policy, Timeout = timeout }, cancellationToken);

    /// <summary>
    /// Calls a model and gives its outputs. Tries after a lost connection carry the key of the first, so that the grid runs the call once; what it has answered, be
    /// it a failure, is the answer.
    /// </summary>
    /// <param name="request">The call.</param>
    /// <param name="cancellationToken">Ends the call, on the grid too.</param>
    /// <exception cref="GridApiException">The call is refused, or failed on the grid; the message says why.</exception>
    /// <exception cref="GridUnreachableException">No answer, after all retries.</exception>
    public async Task<InferResult> InferAsync(InferRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var json = InferContent.JsonOf(request);
        var call = new GridCall(HttpMethod.Post, $"v2/models/{ModelPath(request.Model)}/infer")
        {
            Safe = true,
            IdempotencyKey = request.IdempotencyKey ?? GridCall.NewKey(),
            Content = () => new InferContent(json, request.Inputs),
            Accept = "*/*",
            Wait = request.Timeout ?? TimeSpan.Zero,
            IsTimed = true,
        };
        using var response = await _transport.OpenAsync(call, cancellationToken).ConfigureAwait(false);
        try
        {
            return await InferAnswer.ReadAsync(response, _options.AnswerBytesMax, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new GridApiException(response.StatusCode, "unreadable", $"{call} was answered with what is no answer of a call: {e.Message}", []);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new GridUnreachableException(Grid, $"the answer to {call} broke off ({e.Message})", e);
        }
    }

    /// <summary>What a model takes and gives.</summary>
    /// <param name="model">The model: its name, or <c>NAME@VERSION</c>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="GridApiException">There is no such model, or none that is ready.</exception>
    public Task<ModelMetadata> GetModelMetadataAsync(string model, CancellationToken cancellationToken = default) =>
        _transport.SendAsync<ModelMetadata>(GridCall.Get($"v2/models/{ModelPath(model)}"), cancellationToken);

    /// <summary>Brings a version, or all of a model, into use again. For the operator.</summary>
    /// <param name="model">The model's name, or <c>NAME@VERSION</c>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="GridApiException">There is no such model, or it was rejected.</exception>
    public Task LoadModelAsync(string model, CancellationToken cancellationToken = default) =>
        SwitchAsync(model, "load", new { }, cancellationToken);

    /// <summary>Takes a version, or all of a model, out of use until it is loaded again: new calls and jobs are refused, running jobs go on. For the operator.</summary>
    /// <param name="model">The model's name, or <c>NAME@VERSION</c>.</param>
    /// <param name="force">Whether calls that run are no reason to refuse; they end as they would.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="GridApiException">There is no such model, or it is in use.</exception>
    public Task UnloadModelAsync(string model, bool force = false, CancellationToken cancellationToken = default) =>
        SwitchAsync(model, "unload", new { parameters = new { force } }, cancellationToken);

    private async Task SwitchAsync(string model, string verb, object body, CancellationToken cancellationToken)
    {
        using var response = await _transport
            .OpenAsync(GridCall.Post($"v2/repository/models/{ModelPath(model)}/{verb}", body, safe: true), cancellationToken).ConfigureAwait(false);
    }

    private static string ModelPath(string model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return model.Split('@', 2) is [var name, var version] ? $"{Escape(name)}/versions/{Escape(version)}" : Escape(model);
    }
}
