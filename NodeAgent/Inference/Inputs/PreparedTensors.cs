using PiGrid.Verification;

namespace PiGrid.Inference.Inputs;

/// <summary>An input as the model's tensors.</summary>
/// <param name="Tensors">A tensor per input of the model, in its order.</param>
/// <param name="Geometry">Pictures: where the picture lies in the tensor.</param>
internal sealed record PreparedTensors(IReadOnlyList<TensorData> Tensors, PictureGeometry? Geometry);
