namespace PiGrid.Inference.Sessions;

/// <summary>What runs a model. Names on the wire are <c>cpu</c>, <c>cuda</c>, <c>webgpu</c>, <c>directml</c>, <c>coreml</c>.</summary>
public enum ExecutionProvider
{
    /// <summary>The processor; always there.</summary>
    Cpu,

    /// <summary>NVIDIA's CUDA.</summary>
    Cuda,

    /// <summary>WebGPU: Vulkan, Direct3D 12 or Metal.</summary>
    WebGpu,

    /// <summary>Microsoft's DirectML.</summary>
    DirectMl,

    /// <summary>Apple's Core ML.</summary>
    CoreMl,
}
