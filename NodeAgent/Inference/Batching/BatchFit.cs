using PiGrid.Inference.Sessions;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Inference.Batching;

/// <summary>
/// Whether several inputs may go through a model in one run, by what manifest and model say of themselves: the first dimension of all that goes in and
/// comes out is open, and nothing speaks against its being a number of rows that have nothing to do with each other. It may still be something else, such
/// as the length of a text; <see cref="BatchTrust"/> finds that out.
/// </summary>
internal static class BatchFit
{
    /// <summary>Inputs of one run where the manifest does not say.</summary>
    public const int DefaultMax = 16;

    /// <summary>
    /// Operators through which what stands in one row reaches the others only by some values of it, so that looking now and then would miss it: a scale
    /// over the whole tensor, or a number of rows that depends on what is in them. An input chosen for it could spoil its neighbours.
    /// </summary>
    private static readonly string[] Mixing =
        ["DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM", "NonMaxSuppression", "NonZero", "Compress", "Unique"];

    /// <summary>The most inputs of one run, at least 1, which is: never several.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="inputs">The model's inputs; empty without a model.</param>
    /// <param name="outputs">The model's outputs.</param>
    /// <param name="graph">What the ONNX file says beyond that; null when it cannot be read.</param>
    public static int MaxOf(ModelManifest manifest, IReadOnlyList<TensorSpec> inputs, IReadOnlyList<TensorSpec> outputs, BatchGraph? graph) =>
        graph is not null

        // Text is written token by token. Numbers of several rows may be rounded otherwise than those of one, and an exact comparator forgives nothing.
        && manifest is { Postprocess.Generation: null, Postprocess.Kind: not OutputKind.Text, Comparator.Kind: not ComparatorKind.Exact }
        && inputs.Count > 0 && inputs.Concat(outputs).All(HasRows)
        && HasOneName(inputs.Concat(outputs), graph)
        && !graph.Operators.Overlaps(Mixing)
            ? manifest.Limits.Batch ?? DefaultMax
            : 1;

    /// <summary>Whether a tensor has numbers or truth values, in rows whose number is open.</summary>
    private static bool HasRows(TensorSpec spec) => spec.Shape is [< 0, ..] && ElementTypeNames.Parse(spec.Type) is not null;

    private static bool HasOneName(IEnumerable<TensorSpec> specs, BatchGraph graph) =>
        specs.Select(s => graph.RowNames.GetValueOrDefault(s.Name)).Where(name => name is not null).Distinct(StringComparer.Ordinal).Count() <= 1;
}
