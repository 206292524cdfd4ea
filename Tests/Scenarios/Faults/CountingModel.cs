using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Client;
using PiGrid.Verification;

namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>
/// A tiny model with a known answer that takes some milliseconds, so that faults find it at work: it adds one to its input, <see cref="Steps"/> times.
/// </summary>
internal static class CountingModel
{
    /// <summary>How often it adds one; with whole numbers below 2^23 the sum is exact in 32-bit floats.</summary>
    public const int Steps = 20_000;

    private const string Manifest = """
        {
          "schema": "pigrid-manifest/1", "name": "counting", "version": "1", "publisher": "tests", "licence": "Apache-2.0", "category": "other",
          "model": {"file": "counting.onnx"},
          "preprocess": {"kind": "tensors"}, "postprocess": {"kind": "tensors"}, "comparator": {"kind": "exact"},
          "ringers": [{"file": "ringer.json"}]
        }
        """;

    /// <summary>Lays the model out in a folder.</summary>
    public static async Task<ManifestFolder> LayOutAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, "counting.onnx"), Onnx(), cancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(folder, "ringer.json"), Input([1, 2, 3]), cancellationToken);
        var manifest = Path.Combine(folder, "manifest.json");
        await File.WriteAllTextAsync(manifest, Manifest, cancellationToken);
        return await ManifestFolder.LoadAsync(manifest, cancellationToken);
    }

    /// <summary>The input that holds these numbers.</summary>
    public static byte[] Input(float[] numbers) => JsonSerializer.SerializeToUtf8Bytes<TensorData[]>([Tensor("x", numbers)], GridJson.Wire);

    /// <summary>The only right output for these numbers.</summary>
    public static ItemOutput Output(float[] numbers) => new() { Tensors = [Tensor("y", [.. numbers.Select(n => n + Steps)])] };

    private static TensorData Tensor(string name, float[] numbers) =>
        new(name, "float32", [numbers.Length], MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray());

    // y = Loop(Steps, true, x) with the body w = v + 1.
    private static byte[] Onnx() => OnnxModels.Model(g => g
        .Message(1, n => OnnxModels.Node(n, "Loop", ["steps", "go", "x"], ["y"]).Message(5, a => a.Text(1, "body").Message(6, Body).Number(20, 5)))
        .Message(5, t => t.Number(2, (int)TensorElementType.Int64).Text(8, "steps").Bytes(9, BitConverter.GetBytes((long)Steps)))
        .Message(5, t => t.Number(2, (int)TensorElementType.Bool).Text(8, "go").Bytes(9, [1]))
        .Message(5, t => t.Number(2, (int)TensorElementType.Float).Text(8, "one").Bytes(9, BitConverter.GetBytes(1f)))
        .Value(11, "x", TensorElementType.Float, [OnnxModels.Open]).Value(12, "y", TensorElementType.Float, [OnnxModels.Open]));

    private static void Body(OnnxModels.Proto body) => body
        .Message(1, n => OnnxModels.Node(n, "Identity", ["going"], ["still"])).Message(1, n => OnnxModels.Node(n, "Add", ["v", "one"], ["w"])).Text(2, "body")
        .Value(11, "i", TensorElementType.Int64, []).Value(11, "going", TensorElementType.Bool, []).Value(11, "v", TensorElementType.Float, [OnnxModels.Open])
        .Value(12, "still", TensorElementType.Bool, []).Value(12, "w", TensorElementType.Float, [OnnxModels.Open]);
}
