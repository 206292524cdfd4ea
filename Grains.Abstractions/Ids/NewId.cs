using System.Security.Cryptography;

namespace PiGrid;

/// <summary>Fresh random ids, for the shells around the rules; a rule is given its ids.</summary>
public static class NewId
{
    /// <summary>A job's id.</summary>
    public static JobId Job() => JobId.FromBytes(RandomNumberGenerator.GetBytes(16));

    /// <summary>An online call's id.</summary>
    public static ShardId Call() => new(JobId.CallFromBytes(RandomNumberGenerator.GetBytes(16)), 0);

    /// <summary>A lease's id.</summary>
    public static LeaseId Lease() => LeaseId.FromBytes(RandomNumberGenerator.GetBytes(16));

    /// <summary>A file's id.</summary>
    public static FileId File() => FileId.FromBytes(RandomNumberGenerator.GetBytes(16));

    /// <summary>A batch's id.</summary>
    public static BatchId Batch() => BatchId.FromBytes(RandomNumberGenerator.GetBytes(16));

    /// <summary>A credential's id.</summary>
    public static TokenId Token() => TokenId.FromBytes(RandomNumberGenerator.GetBytes(16));
}
