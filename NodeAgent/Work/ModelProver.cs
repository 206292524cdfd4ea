using PiGrid.NodeAgent.Cache;
using PiGrid.NodeAgent.Session;
using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Work;

/// <summary>Answers the grid's challenges to prove a model, one at a time and off the connection's path.</summary>
internal sealed partial class ModelProver(BlobCache cache, IOutbox outbox, ILogger logger)
{
    private int _isBusy;

    /// <summary>Begins to answer; a challenge that comes meanwhile is answered with "busy".</summary>
    public void Answer(ModelChallenge challenge)
    {
        if ((challenge.Problem ?? (Interlocked.Exchange(ref _isBusy, 1) == 1 ? "busy with another challenge" : null)) is { } problem)
        {
            Send(challenge, null, problem);
        }
        else
        {
            _ = Task.Run(() => AnswerAsync(challenge));
        }
    }

    private async Task AnswerAsync(ModelChallenge challenge)
    {
        try
        {
            await using var file = cache.TryOpen(challenge.Model);
            var digest = file is null ? (Sha256?)null : await challenge.AnswerAsync(file, CancellationToken.None);
            Send(challenge, digest, file is null ? "the model is not on this node's disk any more" : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Send(challenge, null, $"the model cannot be read from this node's disk: {e.Message}");
        }
        finally
        {
            Volatile.Write(ref _isBusy, 0);
        }
    }

    private void Send(ModelChallenge challenge, Sha256? digest, string? problem)
    {
        Answered(challenge.Model.Value, problem ?? "with its digest");
        outbox.TrySend(new ModelProofMessage(challenge.Nonce, digest, problem));
    }

    [LoggerMessage(95, LogLevel.Information, "The grid asked for proof of model {Model}; answered: {Answer}")]
    private partial void Answered(string model, string answer);
}
