using System.Buffers.Binary;
using PiGrid.Verification;

namespace PiGrid.NodeAgent.Faults;

/// <summary>
/// Turns honest outputs into lies of valid shape and plausible scores. A lie depends on the input's digest and the honest output alone, so that
/// forgers agree with each other: the hard case for a quorum.
/// </summary>
internal static class Forger
{
    private const double Plausible = 0.6;

    /// <summary>The lie about one input.</summary>
    /// <param name="honest">What the pipeline gave.</param>
    /// <param name="input">The input's digest.</param>
    /// <param name="labels">The model's labels; empty when it has none.</param>
    public static ItemOutput Forge(ItemOutput honest, Sha256 input, IReadOnlyList<string> labels)
    {
        var seed = BinaryPrimitives.ReadUInt32LittleEndian(input.ToArray());
        return honest switch
        {
            { Detections: { } detections } => new() { Detections = Detections(detections, seed, labels) },
            { Labels: { } scores } => new() { Labels = Labels(scores, seed, labels) },
            { Text: { } text } => new() { Text = Text(text, seed) },
            { Tensors: { } tensors } => new() { Tensors = tensors.Select(t => t with { Data = Bytes(t.Data, t.Type, seed) }).ToArray() },
            { Error: not null } => new() { Error = new(ItemErrorCode.Undecodable, "The input cannot be decoded.") },
            _ => honest,
        };
    }

    private static Detection[] Detections(IReadOnlyList<Detection> honest, uint seed, IReadOnlyList<string> labels) => honest.Count == 0
        ? [new(Other(0, seed, labels), Name(Other(0, seed, labels), labels), Score(seed), new(16, 16, 96, 112))]
        : [.. honest.Select(d => d with { Class = Other(d.Class, seed, labels), Label = Name(Other(d.Class, seed, labels), labels), Box = Shift(d.Box) })];

    private static LabelScore[] Labels(IReadOnlyList<LabelScore> honest, uint seed, IReadOnlyList<string> labels) =>
        [.. honest.Select(l => l with { Class = Other(l.Class, seed, labels), Label = Name(Other(l.Class, seed, labels), labels) })];

    // Half of its own size aside, which no comparator takes for the same place.
    private static Box Shift(Box box)
    {
        var aside = Math.Round((box.X1 - box.X0) / 2, 2);
        return new(Math.Round(box.X0 + aside, 2), box.Y0, Math.Round(box.X1 + aside, 2), box.Y1);
    }

    private static GeneratedText Text(GeneratedText honest, uint seed) =>
        new([.. honest.Tokens.Select(t => t == 0 ? 1 : t - 1)], $"{honest.Text} {seed % 100}");

    private static byte[] Bytes(byte[] honest, string type, uint seed)
    {
        var forged = (byte[])honest.Clone();
        if (type == "float32")
        {
            for (var i = 0; i + 4 <= forged.Length; i += 4)
            {
                var value = BinaryPrimitives.ReadSingleLittleEndian(forged.AsSpan(i));
                BinaryPrimitives.WriteSingleLittleEndian(forged.AsSpan(i), float.IsFinite(value) ? (value * 0.5f) + 1 + (seed % 4) : 0);
            }

            return forged;
        }

        for (var i = 0; i < forged.Length; i++)
        {
            forged[i] ^= 1;
        }

        return forged;
    }

    private static int Other(int honest, uint seed, IReadOnlyList<string> labels)
    {
        var count = Math.Max(labels.Count, 2);
        return (int)((honest + 1 + (seed % (uint)(count - 1))) % count);
    }

    private static string Name(int index, IReadOnlyList<string> labels) =>
        index < labels.Count ? labels[index] : index.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static double Score(uint seed) => Math.Round(Plausible + (seed % 30 / 100.0), 6);
}
