using System.Buffers.Binary;
using PiGrid.Verification;

namespace PiGrid.Tests.Simulation;

/// <summary>What replicas compute: the same right answer wherever a shard is run, and wrong ones that differ from each other.</summary>
internal static class Outputs
{
    private static readonly ShardOutput RightOutput = Make(1);

    /// <summary>The right output of a shard, with its digest.</summary>
    public static (Sha256 Digest, ShardOutput Output) Right(ShardId shard) => (Digest(shard, 0), RightOutput);

    /// <summary>A wrong output of a shard: another for each lie.</summary>
    public static (Sha256 Digest, ShardOutput Output) Wrong(ShardId shard, ulong lie) => (Digest(shard, lie | 1), Make((long)(lie >> 1) + 2));

    // Stands for the digest of the bytes, which nobody reads here.
    private static Sha256 Digest(ShardId shard, ulong lie)
    {
        Span<byte> bytes = stackalloc byte[Sha256.Length];
        bytes.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(bytes, shard.Index);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], lie);
        return new Sha256(bytes);
    }

    private static ShardOutput Make(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return new ShardOutput { Items = new[] { new ItemOutput { Tensors = new[] { new TensorData("y", "int64", [1], bytes) } } } };
    }
}
