using System.Globalization;
using System.Runtime.InteropServices;
using PiGrid.Benchmarks.Numeric;
using PiGrid.Inference;
using PiGrid.Inference.Sessions;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Forge;

/// <summary>
/// The lazy node: the same model with its weights rounded to fewer bits, as smaller and faster copies have them. It also says what honest nodes
/// with a coarser provider would give: 10 bits of fraction are float16's and TF32's, 7 are bfloat16's.
/// </summary>
internal static class CheaperModel
{
    private const int Raw = 9, Packed = 4, Type = 2, FloatType = 1;

    /// <summary>Prints a row per number of bits.</summary>
    public static void Search(RealWork work, IReadOnlyList<ItemOutput> honest)
    {
        foreach (var bits in new[] { 10, 7, 5, 3 })
        {
            using var pipeline = Pipeline.Load(work.Manifest, work.Files with { Model = Rounded(work.Files.Model!, bits) });
            var items = work.Inputs.Select(i => pipeline.Run(i.Value).Output).ToArray();
            var spread = honest.Zip(items).Aggregate(
                new Spread { Model = work.Name, Level = "", Setting = "" }, (sum, pair) => sum.With(work.Comparator, pair.First, pair.Second));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {work.Comparator.Kind} | {work.Name} | weights of {bits} bits | {items.Length} | {spread.Agree} | {spread.Inconclusive} | {spread.Disagree} | score {spread.Score:0.####}, 1 - IoU {spread.BoxGap:0.####} |"));
        }
    }

    /// <summary>The model with every float of its initializers rounded to so many bits of fraction.</summary>
    private static byte[] Rounded(byte[] model, int bits)
    {
        var rounded = model.ToArray();
        var reader = new ProtobufReader(model, 0);
        while (reader.Next())
        {
            var graph = reader.Field == 7 ? new ProtobufReader(reader.Content, reader.ContentStart) : default;
            while (graph.Next())
            {
                if (graph.Field == 5)
                {
                    RoundTensor(rounded, new(graph.Content, graph.ContentStart), bits);
                }
            }
        }

        return rounded;
    }

    private static void RoundTensor(byte[] model, ProtobufReader tensor, int bits)
    {
        var (isFloat, start, length) = (false, 0L, 0);
        while (tensor.Next())
        {
            isFloat |= tensor.Field == Type && tensor.Number == FloatType;
            (start, length) = tensor.Field is Raw or Packed && tensor.HasContent ? (tensor.ContentStart, tensor.Content.Length) : (start, length);
        }

        if (isFloat && length >= 4)
        {
            var dropped = 23 - bits;
            foreach (ref var value in MemoryMarshal.Cast<byte, uint>(model.AsSpan((int)start, length)))
            {
                value = unchecked(value + (1u << (dropped - 1))) & ~((1u << dropped) - 1);
            }
        }
    }
}
