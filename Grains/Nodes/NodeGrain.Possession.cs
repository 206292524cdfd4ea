using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using PiGrid.Grains.Storage;
using PiGrid.Protocol;

namespace PiGrid.Grains.Nodes;

// Challenges: the grid answers them itself first, from its own copy of the model.
internal sealed partial class NodeGrain
{
    private const int Ranges = 16, RangeBytes = 32 << 10;

    public async Task ModelProof(Guid session, byte[] nonce, Sha256? digest, string? problem)
    {
        if (_presence.Session != session)
        {
            return;
        }

        var before = standing.State.Tally.Invalid;
        await Apply(PossessionRules.Answer(_presence, standing.State, nonce, digest, time.GetUtcNow()));
        if (standing.State.Tally.Invalid > before)
        {
            LogRefuted(_id);
        }
        else if (problem is not null)
        {
            LogUnproven(_id, problem);
        }
    }

    private async Task Challenge(BlobRef model)
    {
        try
        {
            await using var file = await blobs.OpenAsync(model.Sha256, CancellationToken.None);
            if (file is null)
            {
                _presence = PossessionRules.GiveUp(_presence, model, time.GetUtcNow());
                return;
            }

            var challenge = new ModelChallenge
            {
                Model = model.Sha256,
                Nonce = RandomNumberGenerator.GetBytes(ModelChallenge.NonceLength),
                Ranges = Pick(file.Length),
            };
            var expected = await challenge.AnswerAsync(file, CancellationToken.None);
            _presence = PossessionRules.Ask(_presence, model, challenge.Nonce, expected, time.GetUtcNow());
            await TryPush(new ModelChallengeMessage(challenge));
        }
        catch (Exception e) when (e is IOException or StorageException)
        {
            // The node waits for nothing; the next heartbeat tries again.
            LogNotChallenged(e, _id, model.Sha256);
        }
    }

    // A small file is asked for whole.
    private static ByteRange[] Pick(long length) => length <= Ranges * RangeBytes
        ? [new ByteRange(0, (int)length)]
        : Enumerable.Range(0, Ranges).Select(_ => new ByteRange(Math.Min(RandomBlock(length) * RangeBytes, length - RangeBytes), RangeBytes)).ToArray();

    private static long RandomBlock(long length) => RandomNumberGenerator.GetInt32((int)Math.Min((length / RangeBytes) + 1, int.MaxValue));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} could not be challenged to prove model {Model}")]
    private partial void LogNotChallenged(Exception exception, NodeId node, Sha256 model);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} answered a challenge wrongly: it does not have the bytes of a model that it returned results of")]
    private partial void LogRefuted(NodeId node);

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} did not prove a model: {Problem}")]
    private partial void LogUnproven(NodeId node, string problem);
}
