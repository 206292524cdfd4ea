using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Inference;
using PiGrid.Models;

namespace PiGrid.Tests.Inference.Batching;

/// <summary>Models whose first dimension is open, from <c>x</c> to <c>y</c>; it is a number of rows in some of them.</summary>
internal static class BatchModels
{
    private const int Int = 2;
    private static readonly long[] Rows = [OnnxModels.Open, 4];

    /// <summary>Three classes of four numbers: a linear layer and a softmax, row by row.</summary>
    public static byte[] Classifier { get; } = OnnxModels.Model(g => g
        .Message(1, n => OnnxModels.Node(n, "MatMul", ["x", "w"], ["h"]))
        .Message(1, n => Axis(OnnxModels.Node(n, "Softmax", ["h"], ["y"]), 1))
        .Message(5, t => t.Number(1, 4).Number(1, 3).Number(2, 1).Text(8, "w").Bytes(9, Bytes([1, -1, 0.5f, 2, 0, -2, 0.1f, 0.2f, 0.3f, -1, 1, 1])))
        .Value(11, "x", TensorElementType.Float, Rows).Value(12, "y", TensorElementType.Float, [OnnxModels.Open, 3]));

    /// <summary>A softmax from row to row.</summary>
    public static byte[] SoftmaxAcross { get; } = Of(g => g.Message(1, n => Axis(OnnxModels.Node(n, "Softmax", ["x"], ["y"]), 0)));

    /// <summary>The sum of a row and all before it.</summary>
    public static byte[] Sums { get; } = Of(g => g.Message(1, n => OnnxModels.Node(n, "CumSum", ["x", "axis"], ["y"])).Message(5, t => Whole(t, "axis", [], 0)));

    /// <summary>Every row twice.</summary>
    public static byte[] Twice { get; } = Of(g => g.Message(1, n => Axis(OnnxModels.Node(n, "Concat", ["x", "x"], ["y"]), 0)));

    /// <summary>Takes one row, although it does not say so.</summary>
    public static byte[] OneRow { get; } = Of(g => g
        .Message(1, n => OnnxModels.Node(n, "Shape", ["x"], ["s"])).Message(1, n => OnnxModels.Node(n, "Squeeze", ["x", "first"], ["v"]))
        .Message(1, n => OnnxModels.Node(n, "Expand", ["v", "s"], ["y"])).Message(5, t => Whole(t, "first", [1], 0)));

    /// <summary>The root of each number.</summary>
    public static byte[] Roots { get; } = Of(g => g.Message(1, n => OnnxModels.Node(n, "Sqrt", ["x"], ["y"])));

    /// <summary>Row by row, unless a number is over 100: what it is over is added to its whole column.</summary>
    public static byte[] Touchy { get; } = Of(g => g
        .Message(1, n => Axis(OnnxModels.Node(n, "ReduceMax", ["x"], ["m"]), [0]))
        .Message(1, n => OnnxModels.Node(n, "Sub", ["m", "hundred"], ["d"])).Message(1, n => OnnxModels.Node(n, "Relu", ["d"], ["over"]))
        .Message(1, n => OnnxModels.Node(n, "Add", ["x", "over"], ["y"]))
        .Message(5, t => t.Number(1, 1).Number(2, 1).Text(8, "hundred").Bytes(9, Bytes([100]))));

    /// <summary>Runs until it is ended.</summary>
    public static byte[] Endless { get; } = OnnxModels.Model(g => g
        .Message(1, n => OnnxModels.Node(n, "Loop", ["", "true", "x"], ["y"]).Message(5, a => a.Text(1, "body").Message(6, LoopBody).Number(20, 5)))
        .Message(5, t => t.Number(2, (int)TensorElementType.Bool).Text(8, "true").Bytes(9, [1]))
        .Value(11, "x", TensorElementType.Float, Rows).Value(12, "y", TensorElementType.Float, Rows));

    /// <summary>A pipeline over one of these.</summary>
    public static Pipeline Load(byte[] model, ManifestLimits? limits = null, TimeProvider? time = null) =>
        Pipeline.Load(Manifests.Tensors with { Limits = limits ?? new() }, new() { Model = model }, time: time);

    /// <summary>An input of rows of four numbers.</summary>
    public static byte[] Input(params float[] values) => Manifests.Input(Manifests.Floats("x", [values.Length / 4, 4], values));

    /// <summary>An input of one row that no other seed makes.</summary>
    public static byte[] Row(int seed) => Input(seed, seed % 7, 0.5f, -seed);

    /// <summary>The floats of an output's only tensor.</summary>
    public static float[] Floats(ItemRun run) => MemoryMarshal.Cast<byte, float>(Assert.Single(run.Output.Tensors!).Data).ToArray();

    private static byte[] Of(Action<OnnxModels.Proto> nodes) => OnnxModels.Model(g =>
    {
        nodes(g);
        g.Value(11, "x", TensorElementType.Float, Rows).Value(12, "y", TensorElementType.Float, Rows);
    });

    private static void Axis(OnnxModels.Proto node, int axis) => node.Message(5, a => a.Text(1, "axis").Number(3, axis).Number(20, Int));

    private static void Axis(OnnxModels.Proto node, int[] axes) => node.Message(5, a =>
    {
        a.Text(1, "axes");
        Array.ForEach(axes, axis => a.Number(8, axis));
        a.Number(20, 7);
    });

    private static void Whole(OnnxModels.Proto tensor, string name, long[] shape, long value)
    {
        Array.ForEach(shape, size => tensor.Number(1, size));
        tensor.Number(2, (int)TensorElementType.Int64).Text(8, name).Bytes(9, BitConverter.GetBytes(value));
    }

    private static void LoopBody(OnnxModels.Proto body) => body
        .Message(1, n => OnnxModels.Node(n, "Identity", ["going"], ["still"])).Message(1, n => OnnxModels.Node(n, "Identity", ["v"], ["w"])).Text(2, "body")
        .Value(11, "i", TensorElementType.Int64, []).Value(11, "going", TensorElementType.Bool, []).Value(11, "v", TensorElementType.Float, Rows)
        .Value(12, "still", TensorElementType.Bool, []).Value(12, "w", TensorElementType.Float, Rows);

    private static byte[] Bytes(float[] values) => MemoryMarshal.AsBytes<float>(values).ToArray();
}
