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

        if (signed.Lease.Lease.Kind is not null)
        {
            // Items of openings and findings are looked at by whoever asked for them.
            return (new ReturnedResult(signed, output), null);
        }

        var complaints = spec.Work.Kind == WorkKind.Validate
            ? OutputChecks.Check(output, 1)
            : OutputChecks.Check(output, spec.Inputs.Count, OutputChecks.KindOf(spec.Comparator.Kind), spec.Comparator.DecisionThreshold);
        return complaints.Count > 0 ? (null, string.Join(" ", complaints))
            : Uncommitted(signed.Statement, output) is { } item ? (null, $"Its statement has a commitment to no bytes exactly where an item is an error, which items[{item}] is not.")
            : (new ReturnedResult(signed, output), null);
    }

    /// <summary>The first item whose commitment is missing, or is there beside an error; null when all are as they should.</summary>
    private static int? Uncommitted(ResultStatement statement, ShardOutput output)
    {
        for (var i = 0; i < (statement.Commitments?.Count ?? 0); i++)
        {
            if ((statement.Commitments![i] == Sha256.Of([])) != (output.Items[i].Error is not null))
            {
                return i;
            }
        }

        return null;
    }

    private static string? Mismatch(SignedResult signed, ShardSpec spec)
    {
        var statement = signed.Statement;
        return WrongType(signed.Lease.Lease.Kind, statement)
            ?? (statement.Manifest != spec.Work.Manifest.Sha256 ? "Its statement names another manifest."
            : statement.ModelFile != spec.Work.ModelFile?.Sha256 ? "Its statement names another model file."
            : signed.Lease.Lease.Kind is null && !statement.Inputs.SequenceEqual(spec.Inputs.Select(i => i.Blob.Sha256)) ? "Its statement names other inputs."
            : null);
    }

    private static string? WrongType(WorkKind? kind, ResultStatement statement) => kind switch
    {
        WorkKind.Open => statement.Type == ResultStatement.OpeningV1 ? null : $"Its statement's type is not {ResultStatement.OpeningV1}, which the lease asks for.",
        WorkKind.Audit => statement.Type == ResultStatement.AuditV1 ? null : $"Its statement's type is not {ResultStatement.AuditV1}, which the lease asks for.",
        null or WorkKind.Run or WorkKind.Validate => statement.IsOfResult()
            ? null
            : $"Its statement's type is neither {ResultStatement.TypeV1} nor, with a commitment for each input, {ResultStatement.TypeV2}.",
    };
}
