namespace PiGrid.Models;

/// <summary>A model's input or output.</summary>
/// <param name="Name">The name in the ONNX graph.</param>
/// <param name="Type">The element type: <c>float32</c>, <c>float16</c>, <c>int64</c>, <c>uint8</c>, <c>string</c>, ...</param>
/// <param name="Shape">The dimensions; -1 for one that the model leaves open.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.TensorSpec")]
public sealed record TensorSpec(
    [property: Id(0)] string Name,
    [property: Id(1)] string Type,
    [property: Id(2)] IReadOnlyList<long> Shape);
