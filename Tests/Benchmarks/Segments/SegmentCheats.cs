using System.Runtime.InteropServices;
using System.Text.Json;
using PiGrid.Benchmarks.Numeric;
using PiGrid.Inference;
using PiGrid.Inference.Segments;
using PiGrid.Inference.Sessions;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Segments;

/// <summary>The tensors and the output of nodes that cheat in different ways, and how often an audit finds them.</summary>
/// <param name="work">The model.</param>
/// <param name="plan">Its plan.</param>
/// <param name="prover">An honest node.</param>
internal sealed class SegmentCheats(RealWork work, SegmentPlan plan, SegmentProver prover)
{
    private readonly byte[] _input = work.Inputs[0].Value;

    /// <summary>Every cheat: its name and its tensors.</summary>
    public IEnumerable<(string Name, Dictionary<string, TensorData> Tensors)> All()
    {
        yield return ("honest", prover.Tensors(prover.Prepare(_input)));
        var middle = plan.Segments.Count / 2;
        if (work.Inputs.Count > 1)
        {
            var cached = prover.Tensors(prover.Prepare(work.Inputs[1].Value));
            foreach (var input in prover.Prepare(_input))
            {
                cached[input.Name] = input;
            }

            yield return ("another input's answer from the cache", cached);
        }

        yield return ("one intermediate forged, the rest computed from it", From(middle, scale: 1.05f, everywhere: false));
        yield return ("other weights in every segment", From(0, scale: 1.05f, everywhere: true));
    }

    /// <summary>The share of audits that find a cheat.</summary>
    /// <param name="verifier">The verifier.</param>
    /// <param name="tensors">The cheat's tensors.</param>
    /// <param name="audits">How many audits, each with a nonce of its own.</param>
    public double Found(SegmentVerifier verifier, Dictionary<string, TensorData> tensors, int audits)
    {
        using var pipeline = Pipeline.Load(work.Manifest, work.Files);
        var output = pipeline.Finish([.. pipeline.Outputs.Select(o => tensors[o.Name])], pipeline.Prepare(_input).Geometry);
        var commitment = CanonicalJson.Serialize(prover.Commit(tensors));
        var known = new Dictionary<string, bool>(StringComparer.Ordinal);
        var found = 0;
        for (var nonce = 0; nonce < audits; nonce++)
        {
            var challenge = verifier.Challenge(commitment, BitConverter.GetBytes(nonce));
            var key = Convert.ToBase64String(challenge);
            if (!known.TryGetValue(key, out var isFound))
            {
                var segments = JsonSerializer.Deserialize<SegmentChallenge>(challenge, GridJson.Wire)!;
                var evidence = JsonSerializer.SerializeToUtf8Bytes(prover.Open(segments, tensors), GridJson.Wire);
                isFound = verifier.Verify(new() { Input = _input, Output = output, Commitment = commitment, Challenge = challenge, Evidence = evidence }).Agreement == Agreement.Disagree;
                known[key] = isFound;
            }

            found += isFound ? 1 : 0;
        }

        return (double)found / audits;
    }

    /// <summary>A run whose first wrong segment is this one: what it makes is scaled; later segments are computed from that, wrongly too or not.</summary>
    private Dictionary<string, TensorData> From(int first, float scale, bool everywhere)
    {
        var tensors = prover.Tensors(prover.Prepare(_input));
        var graph = OnnxGraph.Read(work.Files.Model!);
        for (var i = first; i < plan.Segments.Count; i++)
        {
            var inputs = plan.Segments[i].Inputs.Select(name => tensors[name]).ToArray();
            using var session = ModelSession.Load(graph.Extract(plan.Segments[i], inputs));
            foreach (var made in session.Run(inputs, CancellationToken.None))
            {
                tensors[made.Name] = i == first || everywhere ? Scaled(made, scale) : made;
            }
        }

        return tensors;
    }

    private static TensorData Scaled(TensorData tensor, float scale)
    {
        var data = tensor.Data.ToArray();
        foreach (ref var value in MemoryMarshal.Cast<byte, float>(data.AsSpan()))
        {
            value *= scale;
        }

        return tensor with { Data = data };
    }
}
