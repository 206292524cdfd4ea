using System.Collections.Immutable;

namespace PiGrid.Grains.Nodes;

/// <summary>
/// Does the node have the models that it is paid to run? One that used a model is challenged, with its next heartbeat, to hash random ranges of the
/// model's file with a fresh nonce; then again when it uses the model after a while. A wrong answer, and only that, counts against it: it gets no more
/// work with that model in this session. No answer, as from agents that know no challenges, proves nothing either way, nor does having
/// removed the model since. What the node <i>ran</i> is not shown by this; that is what replicas and ringers are for.
/// </summary>
internal static class PossessionRules
{
    /// <summary>The node has used the model.</summary>
    public static NodePresence Use(NodePresence presence, BlobRef? model, DateTimeOffset now, NodeOptions options)
    {
        var known = model is null ? null : presence.Possessions.GetValueOrDefault(model.Sha256);
        if (model is null || options.ModelProofsMax == 0 || (known is not null && !IsOver(known, now, options)))
        {
            return presence;
        }

        var kept = presence.Possessions;
        if (known is null && kept.Count >= options.ModelProofsMax)
        {
            kept = kept.Remove(kept.MinBy(pair => pair.Value.At).Key);
        }

        return presence with { Possessions = kept.SetItem(model.Sha256, new Possession(model, ModelProofState.Unasked, now)) };
    }

    /// <summary>The model to be proven next; null when there is none, or when an answer is awaited.</summary>
    public static BlobRef? Due(NodePresence presence, DateTimeOffset now, NodeOptions options) =>
        presence.Possessions.Values.Any(p => p.State == ModelProofState.Asked && p.At + options.AcceptTimeout > now)
            ? null
            : presence.Possessions.Values.Where(p => p.State == ModelProofState.Unasked).MinBy(p => p.At)?.Model;

    /// <summary>The node was challenged; <paramref name="expected"/> is the right answer.</summary>
    public static NodePresence Ask(NodePresence presence, BlobRef model, byte[] nonce, Sha256 expected, DateTimeOffset now) =>
        Set(presence, new Possession(model, ModelProofState.Asked, now) { Nonce = nonce, Expected = expected });

    /// <summary>The grid itself does not have the model any more, so that there is nothing to compare with.</summary>
    public static NodePresence GiveUp(NodePresence presence, BlobRef model, DateTimeOffset now) =>
        Set(presence, new Possession(model, ModelProofState.Unknown, now));

    /// <summary>The node answers. What does not answer an open challenge changes nothing.</summary>
    public static NodeStep Answer(NodePresence presence, NodeStanding standing, ReadOnlySpan<byte> nonce, Sha256? digest, DateTimeOffset now)
    {
        foreach (var asked in presence.Possessions.Values)
        {
            if (asked.State == ModelProofState.Asked && nonce.SequenceEqual(asked.Nonce))
            {
                var state = digest is null ? ModelProofState.Unknown : digest == asked.Expected ? ModelProofState.Proven : ModelProofState.Refuted;
                var tally = standing.Tally;
                return new(
                    Set(presence, new Possession(asked.Model, state, now)),
                    state == ModelProofState.Refuted ? standing with { Tally = tally with { Invalid = tally.Invalid + 1 } } : standing,
                    []);
            }
        }

        return new(presence, standing, []);
    }

    /// <summary>Whether the node has answered wrongly.</summary>
    public static bool IsRefuted(NodePresence presence, Sha256 model) =>
        presence.Possessions.GetValueOrDefault(model) is { State: ModelProofState.Refuted };

    /// <summary>What a new session begins with: challenges without an answer are made again, and a refuted model may have been fetched anew.</summary>
    public static ImmutableDictionary<Sha256, Possession> AskAgain(NodePresence presence) => presence.Possessions.ToImmutableDictionary(
        pair => pair.Key,
        pair => pair.Value.State is ModelProofState.Asked or ModelProofState.Refuted
            ? new Possession(pair.Value.Model, ModelProofState.Unasked, pair.Value.At)
            : pair.Value);

    private static bool IsOver(Possession known, DateTimeOffset now, NodeOptions options) =>
        known.State is ModelProofState.Asked or ModelProofState.Proven or ModelProofState.Unknown && known.At + options.ModelProofPeriod <= now;

    private static NodePresence Set(NodePresence presence, Possession possession) =>
        presence with { Possessions = presence.Possessions.SetItem(possession.Model.Sha256, possession) };
}
