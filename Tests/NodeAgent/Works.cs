using System.Text.Json;
using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Models;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Tests.NodeAgent;

/// <summary>Work orders over tiny models.</summary>
internal static class Works
{
    /// <summary>A model that adds two vectors of so many floats.</summary>
    public static WorkTemplate Add(ProtocolGrid grid, int length = 2, ManifestLimits? limits = null, string category = "test") =>
        Template(grid, OnnxModels.Add(length), limits, category);

    /// <summary>A model that never ends.</summary>
    public static WorkTemplate Endless(ProtocolGrid grid, double seconds) =>
        Template(grid, OnnxModels.EndlessLoop(), new() { SecondsPerInput = seconds });

    /// <summary>A model that makes a vector of as many floats as its input says.</summary>
    public static WorkTemplate Expand(ProtocolGrid grid, ManifestLimits limits) => Template(
        grid,
        OnnxModels.Model(g => g
            .Message(1, n => OnnxModels.Node(n, "ConstantOfShape", ["x"], ["z"]))
            .Message(1, n => OnnxModels.Node(n, "ReduceSum", ["z"], ["y"]))
            .Value(11, "x", TensorElementType.Int64, [1]).Value(12, "y", TensorElementType.Float, [1])),
        limits);

    public static WorkTemplate Template(ProtocolGrid grid, byte[] model, ManifestLimits? limits = null, string category = "test")
    {
        var file = grid.AddBlob(model);
        var manifest = new ModelManifest
        {
            Schema = ModelManifest.SchemaV1,
            Name = "tiny",
            Version = "1",
            Publisher = "tests",
            Licence = "Apache-2.0",
            Category = category,
            Model = new() { File = "model.onnx", Sha256 = file.Sha256, Size = file.Size },
            Preprocess = new() { Kind = InputKind.Tensors },
            Postprocess = new() { Kind = OutputKind.Tensors },
            Comparator = new() { Kind = ComparatorKind.Tensors },
            Limits = limits ?? new(),
        };
        return new()
        {
            Kind = WorkKind.Run,
            Model = manifest.Ref,
            Manifest = grid.AddBlob(CanonicalJson.Serialize(manifest)),
            ModelFile = file,
            Category = category,
            Limits = manifest.Limits,
        };
    }

    public static WorkOrder Order(ProtocolGrid grid, WorkTemplate work, params byte[][] inputs) => new()
    {
        Work = work,
        Inputs = inputs.Select((bytes, i) => new ShardInput { Index = i, Blob = grid.AddBlob(bytes) }).ToArray(),
    };

    /// <summary>An input of named float vectors.</summary>
    public static byte[] Floats(params (string Name, float[] Values)[] tensors) => Json(tensors
        .Select(t => new TensorData(t.Name, "float32", [t.Values.Length], [.. t.Values.SelectMany(BitConverter.GetBytes)])));

    public static byte[] Longs(string name, params long[] values) =>
        Json([new TensorData(name, "int64", [values.Length], [.. values.SelectMany(BitConverter.GetBytes)])]);

    /// <summary>The floats of an item's only tensor.</summary>
    public static float[] FloatsOf(ItemOutput item)
    {
        var data = Assert.Single(item.Tensors!).Data;
        return [.. Enumerable.Range(0, data.Length / 4).Select(i => BitConverter.ToSingle(data, i * 4))];
    }

    /// <summary>The items of a result, after everything that it claims was checked.</summary>
    public static IReadOnlyList<ItemOutput> Items(SignedResult result, Assignment assignment, byte[] nodeKey, byte[]? output = null)
    {
        var bytes = result.Output ?? output!;
        Assert.Equal(CanonicalJson.Serialize(assignment.Lease), CanonicalJson.Serialize(result.Lease));
        Assert.True(Signatures.Verify(nodeKey, CanonicalJson.Serialize(result.Statement), result.Signature));
        Assert.Equal(assignment.Lease.Lease.Id, result.Statement.Lease);
        Assert.Equal(assignment.Order.Work.Manifest.Sha256, result.Statement.Manifest);
        Assert.Equal(assignment.Order.Work.ModelFile?.Sha256, result.Statement.ModelFile);
        Assert.Equal(assignment.Order.Inputs.Select(i => i.Blob.Sha256), result.Statement.Inputs);
        Assert.Equal(Sha256.Of(bytes), result.Statement.Output);
        Assert.Equal(bytes.Length, result.OutputSize);
        return ShardOutput.TryParse(bytes, out _)!.Items;
    }

    private static byte[] Json(IEnumerable<TensorData> tensors) => JsonSerializer.SerializeToUtf8Bytes(tensors.ToArray(), GridJson.Wire);
}
