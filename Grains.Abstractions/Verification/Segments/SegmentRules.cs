using System.Buffers.Binary;

namespace PiGrid.Verification;

/// <summary>
/// The parts of a segment audit that need no model: which segments are drawn, and whether what was handed over is what the node committed itself to.
/// Digests are compared for that alone. Whether a tensor is right is a matter of tolerance, since the verifier's processor is another one.
/// </summary>
public static class SegmentRules
{
    /// <summary>
    /// Draws segments without replacement from SHA-256 over the nonce, the commitment and a counter (Fisher and Yates, 64 bits a draw: the
    /// modulo's bias is below 2^-50). A node that commits first can steer nothing.
    /// </summary>
    /// <param name="commitment">The digest of the node's commitment.</param>
    /// <param name="nonce">Random bytes of the verifier's, drawn after it had the commitment.</param>
    /// <param name="count">How many segments; all when there are fewer.</param>
    /// <param name="of">How many there are.</param>
    public static SegmentChallenge Draw(Sha256 commitment, ReadOnlySpan<byte> nonce, int count, int of)
    {
        var order = Enumerable.Range(0, of).ToArray();
        var drawn = Math.Clamp(count, 0, of);
        byte[] seed = [.. nonce, .. commitment.ToArray(), 0, 0, 0, 0];
        for (var i = 0; i < drawn; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(seed.AsSpan(seed.Length - 4), i);
            var number = BinaryPrimitives.ReadUInt64BigEndian(Sha256.Of(seed).ToArray());
            var other = i + (int)(number % (ulong)(of - i));
            (order[i], order[other]) = (order[other], order[i]);
        }

        return new() { Segments = order[..drawn].Order().ToArray() };
    }

    /// <summary>The digest of a tensor: of its name, type and shape as well as its elements.</summary>
    public static Sha256 DigestOf(TensorData tensor) => CanonicalJson.Digest(tensor with { Data = Sha256.Of(tensor.Data).ToArray() });

    /// <summary>The names that an opening of these segments has: theirs and the model's outputs, in the plan's order.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="challenge">The segments.</param>
    /// <param name="outputs">The model's outputs.</param>
    public static IReadOnlyList<string> Asked(SegmentPlan plan, SegmentChallenge challenge, IEnumerable<string> outputs)
    {
        var asked = challenge.Segments.SelectMany(s => plan.Segments[s].Inputs.Concat(plan.Segments[s].Outputs)).Concat(outputs).ToHashSet(StringComparer.Ordinal);
        return [.. plan.Tensors().Where(asked.Contains)];
    }

    /// <summary>Why an opening is not what was asked for or not what was committed to; null when it is both.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="commitment">What the node committed itself to.</param>
    /// <param name="asked">The names that were asked for.</param>
    /// <param name="opening">What it handed over.</param>
    public static string? Problem(SegmentPlan plan, SegmentCommitment commitment, IReadOnlyList<string> asked, SegmentOpening opening)
    {
        var names = plan.Tensors();
        if (commitment.Plan != CanonicalJson.Digest(plan))
        {
            return "The commitment is to another plan.";
        }

        if (commitment.Tensors.Count != names.Count)
        {
            return $"The commitment has {commitment.Tensors.Count} digests where the plan has {names.Count} tensors.";
        }

        var reasons = new Reasons();
        TensorChecks.Check(reasons, opening.Tensors);
        if (reasons.List.Count > 0)
        {
            return $"The opening is malformed: {string.Join(" ", reasons.List)}";
        }

        if (!opening.Tensors.Select(t => t.Name).SequenceEqual(asked))
        {
            return $"The opening has other tensors than {string.Join(", ", asked)}.";
        }

        var committed = names.Zip(commitment.Tensors).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);
        return opening.Tensors.FirstOrDefault(t => committed[t.Name] != DigestOf(t)) is { } other
            ? $"The tensor '{other.Name}' is not the one that the node committed itself to."
            : null;
    }
}
