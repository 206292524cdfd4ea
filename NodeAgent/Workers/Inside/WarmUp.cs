using System.Text.Json;
using PiGrid.Inference;
using PiGrid.Inference.Sessions;
using PiGrid.Models;
using PiGrid.NodeAgent.Workers.Wire;
using PiGrid.Verification;

namespace PiGrid.NodeAgent.Workers.Inside;

/// <summary>
/// Runs a whole pipeline once on a tiny picture before the first lease comes, so that libraries are loaded and code is compiled when
/// somebody waits. It also tells at once when a native library does not work here.
/// </summary>
internal static class WarmUp
{
    private const int Side = 32, Stride = 8, Cells = Side / Stride * (Side / Stride), Values = 3 * Side * Side / Cells;

    // A grey PNG of 8 x 8 pixels.
    private static readonly byte[] Png = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAADklEQVR42mNogAIGyhgAgIQgARDoahcAAAAASUVORK5CYII=");

    /// <summary>Warms up; what does not work is the answer's problem.</summary>
    public static ReadyReply Run()
    {
        try
        {
            using var pipeline = Pipeline.Load(Manifest(), new PipelineFiles { Model = TinyModel.Reshape(Side, Cells, Values) });
            var run = pipeline.Run(Png);

            // The reply's way through the serializer is part of the first input's time too.
            _ = Frames.Encode<WorkerReply>(new RanReply(run.Output, run.ModelMs));
            return new(ModelSession.Library, run.Output.Error?.Message);
        }
        catch (Exception e) when (e is PipelineException or DllNotFoundException or EntryPointNotFoundException or TypeInitializationException)
        {
            return new("none", e.Message);
        }
    }

    /// <summary>Tries a provider with a tiny model.</summary>
    public static ProbeReply Probe(string name)
    {
        if (ExecutionProviders.Parse(name) is not { } provider)
        {
            return new(false, "this agent does not know it");
        }

        try
        {
            using var pipeline = Pipeline.Load(TensorManifest(), new PipelineFiles { Model = TinyModel.Double() }, provider);
            if (pipeline.Provider != provider)
            {
                return new(false, pipeline.FallbackReason);
            }

            TensorData[] input = [new("x", "float32", [2], [0, 0, 128, 63, 0, 0, 0, 64])];
            var output = pipeline.Run(JsonSerializer.SerializeToUtf8Bytes(input, GridJson.Wire)).Output;
            return output switch
            {
                { Error: { } error } => new(false, error.Message),
                { Tensors: [{ Data: [0, 0, 0, 64, 0, 0, 128, 64] }] } => new(true, null),
                _ => new(false, "it computes wrongly: the tiny model's output is not what it must be"),
            };
        }
        catch (Exception e) when (e is PipelineException or DllNotFoundException or EntryPointNotFoundException or TypeInitializationException)
        {
            return new(false, e.Message);
        }
    }

    private static ModelManifest Manifest() => TensorManifest() with
    {
        Preprocess = new() { Kind = InputKind.Image, Image = new() { Width = Side, Height = Side } },
        Postprocess = new() { Kind = OutputKind.Detections, Detections = new() { Family = DetectorFamily.Yolox, Strides = [Stride] } },
        Comparator = new() { Kind = ComparatorKind.Detections },
    };

    private static ModelManifest TensorManifest() => new()
    {
        Schema = ModelManifest.SchemaV1,
        Name = "warm-up",
        Version = "1",
        Publisher = "PiGrid",
        Licence = "Apache-2.0",
        Category = "test",
        Model = new() { File = "tiny.onnx" },
        Preprocess = new() { Kind = InputKind.Tensors },
        Postprocess = new() { Kind = OutputKind.Tensors },
        Comparator = new() { Kind = ComparatorKind.Tensors },
    };
}
