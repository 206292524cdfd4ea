using Microsoft.ML.OnnxRuntime;

namespace PiGrid.Inference.Sessions;

/// <summary>
/// Which providers work on this machine: a provider that is compiled into the library may still find no device, so each one computes
/// a small product. A driver may crash the process that tries it: try in a process whose loss is harmless.
/// </summary>
public static class ProviderTrials
{
    /// <summary>
    /// An ONNX model (IR 8, opset 13), 77 bytes: <c>y = MatMul(x, x)</c> on 32-bit floats [2, 2]. The provider tests read it back through
    /// the library, which is how its content is checked.
    /// </summary>
    private const string Model = "CAg6QwoUCgF4CgF4EgF5GgF5IgZNYXRNdWwSAWdaEwoBeBIOCgwIARIICgIIAgoCCAJiEwoBeRIOCgwIARIICgIIAgoCCAJCBAoAEA0=";

    /// <summary>Tries all providers, in the order of preference.</summary>
    public static IReadOnlyList<ProviderProbe> Run() => ExecutionProviders.All.Select(Try).ToArray();

    /// <summary>Tries one provider.</summary>
    public static ProviderProbe Try(ExecutionProvider provider)
    {
        var name = ExecutionProviders.NameOf(provider);
        using var session = ModelSession.TryCreate(Convert.FromBase64String(Model), provider, out var reason, isAlone: true);
        if (session is null)
        {
            return new(name, false, reason);
        }

        try
        {
            return Compute(session) is { } wrong ? new(name, false, wrong) : new(name, true, null);
        }
        catch (ModelException e)
        {
            return new(name, false, e.Message);
        }
    }

    /// <summary>What is wrong with the product; null when it is right.</summary>
    private static string? Compute(ModelSession session)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(new float[] { 1, 2, 3, 4 }, [2, 2]);
        using var outputs = session.Run([input], CancellationToken.None);
        var product = outputs[0].GetTensorDataAsSpan<float>();
        return product.SequenceEqual((ReadOnlySpan<float>)[7, 10, 15, 22])
            ? null
            : $"It computes [{string.Join(", ", product.ToArray())}] where [7, 10, 15, 22] is right.";
    }
}
