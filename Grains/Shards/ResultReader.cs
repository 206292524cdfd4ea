using PiGrid.Grains.Jobs;
using PiGrid.Grains.Storage;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Grains.Shards;

/// <summary>Gets the output of a signed result and checks all that can be checked without another result.</summary>
internal static class ResultReader
{
    /// <summary>The readable result, or what is wrong with it.</summary>
    public static async Task<(ReturnedResult? Result, string? Problem)> ReadAsync(
        SignedResult signed, ShardSpec spec, IBlobStore blobs, JobOptions options, CancellationToken cancellationToken)
    {
        var mismatch = Mismatch(signed, spec);
        if (mismatch is not null)
        {
            return (null, mismatch);
        }

        byte[]? bytes;
        try
        {
            bytes = signed.Output ?? await blobs.ReadBytesAsync(signed.Statement.Output, options.OutputBytesMax, cancellationToken);
        }
        catch (BlobRejectedException e)
        {
            return (null, e.Message);
        }

        if (bytes is null)
        {
            return (null, "Its output was neither sent along nor uploaded; upload it under the assignment's grant before the result.");
        }

        if (bytes.Length > options.OutputBytesMax || Sha256.Of(bytes) != signed.Statement.Output)
        {
            return (null, $"Its output does not have the digest that was signed, or is over {options.OutputBytesMax} bytes.");
        }

        var output = ShardOutput.TryParse(bytes, out var problem);
        if (output is null)
        {
            return (null, problem);
        }

        // The receipt proves the digest of the canonical bytes: anything else, such as a member that nobody knows, would make it unverifiable.
        if (!output.ToCanonicalBytes().AsSpan().SequenceEqual(bytes))
        {
            return (null, "Its output is not the canonical JSON (RFC 8785) of an output of version 1; digest and send that, without other members.");
        }

        var complaints = spec.Work.Kind == WorkKind.Validate
            ? OutputChecks.Check(output, 1)
            : OutputChecks.Check(output, spec.Inputs.Count, OutputChecks.KindOf(spec.Comparator.Kind), spec.Comparator.DecisionThreshold);
        return complaints.Count > 0 ? (null, string.Join(" ", complaints)) : (new ReturnedResult(signed, output), null);
    }

    private static string? Mismatch(SignedResult signed, ShardSpec spec)
    {
        var statement = signed.Statement;
        return statement.Type != ResultStatement.TypeV1 ? $"Its statement's type is not {ResultStatement.TypeV1}."
            : statement.Manifest != spec.Work.Manifest.Sha256 ? "Its statement names another manifest."
            : statement.ModelFile != spec.Work.ModelFile?.Sha256 ? "Its statement names another model file."
            : !statement.Inputs.SequenceEqual(spec.Inputs.Select(i => i.Blob.Sha256)) ? "Its statement names other inputs."
            : null;
    }
}
