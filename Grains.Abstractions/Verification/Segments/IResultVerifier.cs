namespace PiGrid.Verification;

/// <summary>
/// A way to find out whether a node ran the right model on the right input, other than asking more nodes. Running it all again is one, running a part of
/// it another; a proof of the computation would be a third, whose challenge is empty and whose evidence is the proof. What passes between the two
/// sides is bytes, so that the grid needs to know no scheme.
/// </summary>
public interface IResultVerifier : IDisposable
{
    /// <summary>The scheme's name and version.</summary>
    string Scheme { get; }

    /// <summary>What to ask of the node, given what it bound itself to and random bytes drawn afterwards; empty when nothing has to be asked.</summary>
    byte[] Challenge(ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> nonce);

    /// <summary>Judges a claim. Whatever the node sent is a finding, never an exception.</summary>
    VerifierFinding Verify(ResultClaim claim, CancellationToken cancellation = default);
}

/// <summary>The node's side of a scheme: it binds itself when it returns a result and answers a challenge later.</summary>
public interface IResultProver : IDisposable
{
    /// <summary>The scheme's name and version.</summary>
    string Scheme { get; }

    /// <summary>Runs one input.</summary>
    /// <returns>The output and what the node binds itself to, which goes under its signature.</returns>
    (ItemOutput Output, byte[] Commitment) Run(ReadOnlySpan<byte> input, CancellationToken cancellation = default);

    /// <summary>Answers a challenge about an input that it has run; it keeps nothing and runs it again.</summary>
    byte[] Prove(ReadOnlySpan<byte> input, ReadOnlySpan<byte> challenge, CancellationToken cancellation = default);
}

/// <summary>What a node says that it did with one input, and what it has for proof.</summary>
public sealed record ResultClaim
{
    /// <summary>The input's bytes.</summary>
    public required ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>The output that the node signed.</summary>
    public required ItemOutput Output { get; init; }

    /// <summary>What it bound itself to.</summary>
    public ReadOnlyMemory<byte> Commitment { get; init; }

    /// <summary>What it was asked.</summary>
    public ReadOnlyMemory<byte> Challenge { get; init; }

    /// <summary>What it answered.</summary>
    public ReadOnlyMemory<byte> Evidence { get; init; }
}

/// <summary>What a verifier found.</summary>
/// <param name="Agreement">Agree: nothing wrong in what was checked. Disagree: the claim is false. Inconclusive: within no man's land.</param>
/// <param name="Reason">What is wrong; null when nothing is.</param>
/// <param name="Checked">The share of the computation that was checked, 0 to 1: the chance that a single lie in it would have been seen.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.VerifierFinding")]
public sealed record VerifierFinding([property: Id(0)] Agreement Agreement, [property: Id(1)] string? Reason, [property: Id(2)] double Checked);
