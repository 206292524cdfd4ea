using System.Buffers.Binary;
using PiGrid.Verification;

namespace PiGrid.Tests.Verification;

/// <summary>Outputs for tests, written briefly or made up.</summary>
internal static class Samples
{
    public static ShardOutput Output(params ItemOutput[] items) => new() { Items = items };

    public static ItemOutput Labels(params (int Class, double Score)[] labels) =>
        new() { Labels = labels.Select(l => new LabelScore(l.Class, $"class {l.Class}", l.Score)).ToArray() };

    public static ItemOutput Detections(params Detection[] detections) => new() { Detections = detections };

    public static Detection Object(int cls, double score, double x, double y, double size = 100) =>
        new(cls, $"class {cls}", score, new Box(x, y, x + size, y + size));

    public static ItemOutput Text(params int[] tokens) => new() { Text = new GeneratedText(tokens, string.Join(' ', tokens)) };

    public static ItemOutput Error(ItemErrorCode code, string message = "no picture") => new() { Error = new ItemError(code, message) };

    public static ItemOutput Floats(params float[] values) => new() { Tensors = [FloatTensor(values)] };

    public static TensorData FloatTensor(params float[] values)
    {
        var data = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(i * 4), values[i]);
        }

        return new("y", "float32", [values.Length], data);
    }

    /// <summary>A well-formed item of the comparator's kind, or now and then an error.</summary>
    public static ItemOutput Item(Dice dice, ComparatorKind kind) => dice.Once(8) ? Error(dice.OneOf(ItemErrorCode.TooLarge, ItemErrorCode.Undecodable)) : kind switch
    {
        ComparatorKind.Tensors => Floats(dice.Several(4, d => (d.Below(2001) - 1000) / 100f)),
        ComparatorKind.Labels or ComparatorKind.Exact => Labels(MakeLabels(dice)),
        ComparatorKind.Detections => Detections(MakeObjects(dice)),
        ComparatorKind.Text => Text(dice.Several(3, d => d.Below(4))),
    };

    /// <summary>The item with its numbers moved a little, as another processor would; sometimes by more.</summary>
    public static ItemOutput Moved(Dice dice, ItemOutput item) => item switch
    {
        { Tensors: [var tensor] } => new() { Tensors = [tensor with { Data = Moved(dice, tensor.Data) }] },
        { Labels: { } labels } => new() { Labels = labels.Select(l => l with { Score = Moved(dice, l.Score) }).OrderByDescending(l => l.Score).ToArray() },
        { Detections: { } detections } => new()
        {
            Detections = detections.Where(_ => !dice.Once(9)).Select(d => d with { Score = Moved(dice, d.Score), Box = Moved(dice, d.Box) })
                .OrderByDescending(d => d.Score).ToArray(),
        },
        _ => item,
    };

    private static (int, double)[] MakeLabels(Dice dice) =>
        dice.Shuffle(Enumerable.Range(0, 8)).Take(5).Select(c => (c, dice.Below(101) / 100d)).OrderByDescending(l => l.Item2).ToArray();

    private static Detection[] MakeObjects(Dice dice) =>
        dice.Several(dice.Below(6), d => Object(d.Below(2), (30 + d.Below(71)) / 100d, d.Below(6) * 20, d.Below(3) * 20))
            .DistinctBy(d => (d.Class, d.Box)).OrderByDescending(d => d.Score).ToArray();

    private static double Moved(Dice dice, double score) => Math.Clamp(score + ((dice.Below(9) - 4) / 100d), 0, 1);

    private static Box Moved(Dice dice, Box box)
    {
        var x = dice.Below(11) - 5;
        return new Box(box.X0 + x, box.Y0, box.X1 + x, box.Y1);
    }

    private static byte[] Moved(Dice dice, byte[] floats)
    {
        var moved = floats.ToArray();
        for (var i = 0; i < moved.Length; i += 4)
        {
            var value = BinaryPrimitives.ReadSingleLittleEndian(moved.AsSpan(i));
            BinaryPrimitives.WriteSingleLittleEndian(moved.AsSpan(i), value * (1 + (dice.Below(9) - 4) * 5e-4f));
        }

        return moved;
    }
}
