using System.Globalization;
using System.Runtime.InteropServices;
using PiGrid.Benchmarks.Numeric;
using PiGrid.Inference;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Forge;

/// <summary>
/// What whoever gives out raw tensors can do to the one who reads them: every element is pushed as far as the default tolerance lets it, in all
/// combinations of directions for scores and boxes, and the tensors are then read as the model's own pipeline reads them.
/// </summary>
internal static class TensorForger
{
    private static readonly Comparator Default = new() { Kind = ComparatorKind.Tensors };

    /// <summary>Prints a row for the model.</summary>
    /// <param name="work">The model.</param>
    /// <param name="pipeline">Its pipeline.</param>
    public static void Search(RealWork work, Pipeline pipeline)
    {
        var (tried, refused, changed, moved, scored) = (0, 0, 0, 0.0, 0.0);
        foreach (var (_, bytes) in work.Inputs)
        {
            var prepared = pipeline.Prepare(bytes);
            var outputs = pipeline.RunModel(prepared.Tensors);
            var honest = pipeline.Finish(outputs, prepared.Geometry);
            for (var signs = 0; signs < 32; signs++)
            {
                var forged = outputs.Select(o => Pushed(o, signs)).ToArray();
                refused += OutputComparer.Compare(Default, new ItemOutput { Tensors = outputs }, new ItemOutput { Tensors = forged }) == Agreement.Agree ? 0 : 1;
                var read = pipeline.Finish(forged, prepared.Geometry);
                tried++;
                changed += Names(read) == Names(honest) ? 0 : 1;
                moved = Math.Max(moved, Shift(honest, read));
                scored = Math.Max(scored, Gap(honest, read));
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| Tensors | {work.Name} | push every element | {tried} | {tried - refused} | 0 | {refused} | {changed} change what is read; box {moved:0.####} of its width; score {scored:0.####} |"));
    }

    /// <summary>Prints in how many rows of a text model's logits the best token can be another one within the tolerance.</summary>
    public static void SearchLogits(RealWork work, Pipeline pipeline)
    {
        var logits = pipeline.RunModel([work.Tokens!])[0];
        var (rows, columns) = ((int)logits.Shape[1], (int)logits.Shape[2]);
        var flips = 0;
        for (var row = 0; row < rows; row++)
        {
            var values = MemoryMarshal.Cast<byte, float>(logits.Data).Slice(row * columns, columns).ToArray();
            Array.Sort(values);
            flips += Pushed(values[^2], 1) >= Pushed(values[^1], -1) ? 1 : 0;
        }

        Console.WriteLine($"| Tensors | {work.Name} | another best token | {rows} | {flips} | 0 | {rows - flips} |  |");
    }

    /// <summary>A yolox row is x, y, log width, log height, scores; elsewhere scores and distances are tensors of their own.</summary>
    private static TensorData Pushed(TensorData tensor, int signs)
    {
        var bytes = tensor.Data.ToArray();
        var values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        var length = (int)tensor.Shape[^1];
        var rows = tensor.Shape.Count == 3 && !tensor.Name.StartsWith("cls", StringComparison.Ordinal);
        var bins = tensor.Name.StartsWith("dis", StringComparison.Ordinal) ? length / 4 : 0;
        for (var i = 0; i < values.Length; i++)
        {
            // A distance is the mean of its bins: the upper half up and the lower half down moves it most.
            var column = i % length;
            var bit = bins > 0 ? column / bins : rows && column < 4 ? column : 4;
            var sign = (signs & (1 << bit)) != 0 ? 1 : -1;
            values[i] = Pushed(values[i], bins > 0 && column % bins < bins / 2 ? -sign : sign);
        }

        return tensor with { Data = bytes };
    }

    private static float Pushed(float value, int sign)
    {
        var size = Math.Abs((double)value);
        var grows = (value >= 0) == (sign > 0);
        var room = grows || size < Default.Absolute ? Default.Absolute + (grows ? Default.Relative * size : 0) : (Default.Absolute + (Default.Relative * size)) / (1 + Default.Relative);
        return (float)(value + (sign * room * 0.9999));
    }

    private static string Names(ItemOutput item) => item.Error is not null ? "error"
        : string.Join(",", item.Labels is [var best, ..] ? [best.Label] : (item.Detections ?? []).Select(d => d.Label).Order(StringComparer.Ordinal));

    private static double Shift(ItemOutput honest, ItemOutput read) => Pairs(honest, read)
        .Select(p => Math.Max(Math.Abs(p.A.Box.X0 - p.B.Box.X0), Math.Abs(p.A.Box.X1 - p.B.Box.X1)) / (p.A.Box.X1 - p.A.Box.X0)).DefaultIfEmpty().Max();

    private static double Gap(ItemOutput honest, ItemOutput read) => honest.Labels is { } labels
        ? labels.Join(read.Labels ?? [], l => l.Class, l => l.Class, (a, b) => Math.Abs(a.Score - b.Score)).DefaultIfEmpty().Max()
        : Pairs(honest, read).Select(p => Math.Abs(p.A.Score - p.B.Score)).DefaultIfEmpty().Max();

    private static IEnumerable<(Detection A, Detection B)> Pairs(ItemOutput honest, ItemOutput read) =>
        from a in honest.Detections ?? []
        let b = (read.Detections ?? []).Where(o => o.Class == a.Class).MaxBy(o => o.Box.IntersectionOverUnion(a.Box))
        where b is not null && b.Box.IntersectionOverUnion(a.Box) > 0.5
        select (a, b);
}
