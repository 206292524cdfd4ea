using System.Buffers.Binary;
using System.Collections.Immutable;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Grains.Shards.Segments;

/// <summary>Which results can be checked by segments, what is drawn of them, and what a passed check is worth.</summary>
internal static class SegmentDrawRules
{
    // Other providers round otherwise, by how much is not measured: a segment that one of them ran could seem false.
    private const string Provider = "cpu";

    private static readonly Sha256 Nothing = Sha256.Of([]);

    /// <summary>
    /// Whether a result can be checked so: it is a volunteer's, run on the processor, and committed to for every input. An input that ended with an error has
    /// nothing to open, and a false error would go unseen: such a result is run again as a whole.
    /// </summary>
    public static bool CanCheck(Replica replica) =>
        replica is { IsAudit: false, Result.Signed.Statement: { Type: ResultStatement.TypeV2, Provider: Provider, Commitments: { Count: > 0 } all } } && !all.Contains(Nothing);

    /// <summary>Draws inputs, and segments of each, from random bytes that nobody knew when the node committed itself, and what it committed itself to.</summary>
    /// <param name="statement">What the node signed.</param>
    /// <param name="segments">How many segments the plan has.</param>
    /// <param name="nonce">The random bytes.</param>
    /// <param name="options">How much is looked at.</param>
    public static SegmentDraw Draw(ResultStatement statement, int segments, ReadOnlySpan<byte> nonce, SegmentCheckOptions options)
    {
        var commitments = statement.Commitments!;
        var inputs = SegmentRules.Draw(CanonicalJson.Digest(statement), nonce, options.InputsPerCheck, commitments.Count).Segments;
        var challenges = ImmutableArray.CreateBuilder<SegmentChallenge>();
        foreach (var input in inputs)
        {
            challenges.Add(SegmentRules.Draw(commitments[input], nonce, options.SegmentsPerCheck, segments));
        }

        var share = (double)inputs.Count / commitments.Count * Math.Min(options.SegmentsPerCheck, segments) / segments;
        return new([.. inputs], challenges.ToImmutable(), share);
    }

    /// <summary>
    /// Whether a check that found nothing counts as a passed one. It counts with the chance with which it would have seen a lie in a single segment: so the
    /// share of counted checks that fail stays the share of wrong results, also among nodes that lie in one segment alone.
    /// </summary>
    /// <param name="draw">What was looked at.</param>
    /// <param name="fresh">Random bytes, not those of the draw.</param>
    public static bool Counts(SegmentDraw draw, ReadOnlySpan<byte> fresh) =>
        BinaryPrimitives.ReadUInt64BigEndian(Sha256.Of(fresh).ToArray()) / (double)ulong.MaxValue <= draw.Share;

    /// <summary>What is wrong with an opening before anybody computes; null when nothing is.</summary>
    /// <param name="statement">What the node signed when it returned the result.</param>
    /// <param name="draw">What it was asked for.</param>
    /// <param name="signed">What it signed when it opened: about which inputs.</param>
    /// <param name="opened">What it handed over.</param>
    /// <param name="proves">Whether that proves that the node lies: it signed both. Otherwise it is merely of no use.</param>
    public static string? Problem(ResultStatement statement, SegmentDraw draw, ResultStatement signed, ShardOutput opened, out bool proves)
    {
        proves = false;
        if (!signed.Inputs.SequenceEqual(draw.Inputs.Select(input => statement.Inputs[input])))
        {
            return "Its statement names other inputs than those whose runs were to be opened.";
        }

        if (opened.Items.Count != draw.Inputs.Length)
        {
            return $"It opens {opened.Items.Count} runs where {draw.Inputs.Length} were asked for.";
        }

        for (var i = 0; i < draw.Inputs.Length; i++)
        {
            if (opened.Items[i] is not { Opening: { } evidence, Error: null, Labels: null, Detections: null, Text: null, Tensors: null, Report: null, Finding: null })
            {
                return opened.Items[i]?.Error is { } error ? $"The node cannot open it: {error.Message}" : $"items[{i}] is no opening: send 'opening' and nothing else.";
            }

            if (CanonicalJson.Digest(evidence.Commitment) != statement.Commitments![draw.Inputs[i]])
            {
                proves = true;
                return $"What it opens for input {draw.Inputs[i]} is not what it committed itself to with its result.";
            }
        }

        return null;
    }

    /// <summary>What the findings of all inputs come to.</summary>
    public static (Agreement Said, string? Reason) Judge(SegmentDraw draw, ShardOutput audited)
    {
        if (audited.Items.Count != draw.Inputs.Length || audited.Items.Any(item => item?.Finding is null))
        {
            return (Agreement.Inconclusive, audited.Items.FirstOrDefault(item => item?.Error is not null)?.Error!.Message ?? "the operator node did not look at every input");
        }

        var findings = audited.Items.Select(item => item.Finding!).ToArray();
        var worst = findings.FirstOrDefault(f => f.Agreement == Agreement.Disagree) ?? findings.FirstOrDefault(f => f.Agreement == Agreement.Inconclusive) ?? findings[0];
        return (worst.Agreement, worst.Reason);
    }
}
