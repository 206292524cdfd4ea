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
            var trial = ProviderTrials.Try(provider);
            return new(trial.Usable, trial.Reason);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or TypeInitializationException)
        {
            return new(false, e.Message);
        }
    }

    private static ModelManifest Manifest() => new()
    {
        Schema = ModelManifest.SchemaV1,
        Name = "warm-up",
        Version = "1",
        Publisher = "PiGrid",
        Licence = "Apache-2.0",
        Category = "test",
        Model = new() { File = "tiny.onnx" },
        Preprocess = new() { Kind = InputKind.Image, Image = new() { Width = Side, Height = Side, Scale = 1 / 255.0 } },
        Postprocess = new() { Kind = OutputKind.Detections, Detections = new() { Family = DetectorFamily.Yolox, Strides = [Stride], ScoreThreshold = 0.2 } },
        Comparator = new() { Kind = ComparatorKind.Detections },
    };
}
