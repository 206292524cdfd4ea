using System.Buffers.Binary;
using System.Numerics;

namespace Orleans;

/// <summary>xxHash32 with seed 0 (Y. Collet's published algorithm): the hash that Orleans stores beside reminders.</summary>
public static class StableHash {
    private const uint P1 = 2654435761, P2 = 2246822519, P3 = 3266489917, P4 = 668265263, P5 = 374761393;

    public static uint ComputeHash(ReadOnlySpan<byte> data) {
        unchecked {
            var (hash, length) = (P5, (uint)data.Length);
            if (data.Length >= 16) {
                uint a = P1 + P2, b = P2, c = 0, d = 0 - P1;
                for (; data.Length >= 16; data = data[16..]) {
                    (a, b, c, d) = (Round(a, data), Round(b, data[4..]), Round(c, data[8..]), Round(d, data[12..]));
                }
                hash = Turn(a, 1) + Turn(b, 7) + Turn(c, 12) + Turn(d, 18);
            }
            hash += length;
            for (; data.Length >= 4; data = data[4..]) { hash = Turn(hash + Word(data) * P3, 17) * P4; }
            foreach (var value in data) { hash = Turn(hash + value * P5, 11) * P1; }
            hash = (hash ^ (hash >> 15)) * P2;
            hash = (hash ^ (hash >> 13)) * P3;
            return hash ^ (hash >> 16);
        }
    }

    private static uint Round(uint lane, ReadOnlySpan<byte> data) => unchecked(Turn(lane + Word(data) * P2, 13) * P1);

    private static uint Turn(uint value, int bits) => BitOperations.RotateLeft(value, bits);

    private static uint Word(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt32LittleEndian(data);
}
