using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Tests.Simulation;

/// <summary>A result as a virtual agent keeps it.</summary>
/// <param name="Result">The result.</param>
/// <param name="Output">Its output.</param>
/// <param name="Problem">Why nobody can read it; null when they can.</param>
/// <param name="IsRight">Whether it is the right answer.</param>
internal sealed record Finished(SignedResult Result, ShardOutput Output, string? Problem, bool IsRight)
{
    /// <summary>How often it was sent in this session.</summary>
    public int Sent { get; set; }

    /// <summary>When it is sent again.</summary>
    public DateTimeOffset SendAt { get; set; }

    /// <summary>What comes of an assignment.</summary>
    /// <param name="assignment">The assignment.</param>
    /// <param name="profile">The node.</param>
    /// <param name="lie">The number of the wrong answer; null for the right one.</param>
    /// <param name="isGarbled">Whether it cannot be read.</param>
    public static Finished Of(Assignment assignment, NodeProfile profile, ulong? lie, bool isGarbled)
    {
        var lease = assignment.Lease.Lease;
        var (digest, output) = lie is { } number ? Outputs.Wrong(lease.Shard, number) : Outputs.Right(lease.Shard);
        var result = new SignedResult
        {
            Lease = assignment.Lease,
            Statement = new ResultStatement
            {
                Type = ResultStatement.TypeV1,
                Lease = lease.Id,
                Manifest = assignment.Order.Work.Manifest.Sha256,
                Inputs = [],
                Output = digest,
                Provider = "cpu",
                Library = profile.Library,
                HardwareClass = profile.HardwareClass,
                TotalMs = 1,
                ModelMs = 1,
            },
            Signature = [],
            OutputSize = 1,
        };
        return new(result, output, isGarbled ? "Its output is no output." : null, lie is null && !isGarbled);
    }
}
