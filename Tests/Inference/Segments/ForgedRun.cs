using System.Runtime.InteropServices;
using PiGrid.Inference;
using PiGrid.Inference.Segments;
using PiGrid.Inference.Sessions;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference.Segments;

/// <summary>A run of the demo's detector that is honest but for one segment, whose outputs are scaled; everything behind it is computed from them.</summary>
internal static class ForgedRun
{
    /// <summary>The run's tensors and its output, which the tensors make.</summary>
    public static (Dictionary<string, TensorData> Tensors, ItemOutput Output) Of(SegmentProver prover, byte[] input, int segment, float factor) =>
        Of(prover, StreetModel.Plan, input, segment, factor);

    /// <summary>The same by another plan.</summary>
    public static (Dictionary<string, TensorData> Tensors, ItemOutput Output) Of(SegmentProver prover, SegmentPlan plan, byte[] input, int segment, float factor)
    {
        var tensors = prover.Tensors(prover.Prepare(input));
        foreach (var name in plan.Segments[segment].Outputs)
        {
            tensors[name] = Scaled(tensors[name], factor);
        }

        using var pipeline = Pipeline.Load(StreetModel.Manifest, StreetModel.Files);
        var graph = OnnxGraph.Read(StreetModel.Files.Model!);
        foreach (var later in plan.Segments.Skip(segment + 1))
        {
            var inputs = later.Inputs.Select(name => tensors[name]).ToArray();
            using var session = ModelSession.Load(graph.Extract(later, inputs));
            foreach (var made in session.Run(inputs, CancellationToken.None))
            {
                tensors[made.Name] = made;
            }
        }

        return (tensors, pipeline.Finish([.. pipeline.Outputs.Select(o => tensors[o.Name])], pipeline.Prepare(input).Geometry));
    }

    /// <summary>A tensor of 32-bit numbers, each multiplied.</summary>
    public static TensorData Scaled(TensorData tensor, float factor)
    {
        var data = tensor.Data.ToArray();
        foreach (ref var value in MemoryMarshal.Cast<byte, float>(data.AsSpan()))
        {
            value *= factor;
        }

        return tensor with { Data = data };
    }
}
