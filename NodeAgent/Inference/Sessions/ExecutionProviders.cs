using Microsoft.ML.OnnxRuntime;

namespace PiGrid.Inference.Sessions;

/// <summary>The providers by name, and how each is asked for.</summary>
public static class ExecutionProviders
{
    /// <summary>All of them, the likely fastest first and the processor last.</summary>
    public static IReadOnlyList<ExecutionProvider> All { get; } =
        [ExecutionProvider.Cuda, ExecutionProvider.CoreMl, ExecutionProvider.DirectMl, ExecutionProvider.WebGpu, ExecutionProvider.Cpu];

    /// <summary>The provider's name on the wire.</summary>
    public static string NameOf(ExecutionProvider provider) => provider switch
    {
        ExecutionProvider.Cpu => "cpu",
        ExecutionProvider.Cuda => "cuda",
        ExecutionProvider.WebGpu => "webgpu",
        ExecutionProvider.DirectMl => "directml",
        ExecutionProvider.CoreMl => "coreml",
    };

    /// <summary>The provider of that name; null when there is none.</summary>
    public static ExecutionProvider? Parse(string name)
    {
        foreach (var provider in All)
        {
            if (NameOf(provider) == name)
            {
                return provider;
            }
        }

        return null;
    }

    /// <summary>Asks for the provider in a session's options.</summary>
    internal static void Append(SessionOptions options, ExecutionProvider provider)
    {
        switch (provider)
        {
            case ExecutionProvider.Cpu:
                break;
            case ExecutionProvider.Cuda:
                options.AppendExecutionProvider_CUDA(0);
                break;
            case ExecutionProvider.WebGpu:
                options.AppendExecutionProvider("WebGPU");
                break;
            case ExecutionProvider.DirectMl:
                // DirectML plans memory itself.
                options.EnableMemoryPattern = false;
                options.AppendExecutionProvider_DML(0);
                break;
            case ExecutionProvider.CoreMl:
                options.AppendExecutionProvider_CoreML();
                break;
        }
    }
}
