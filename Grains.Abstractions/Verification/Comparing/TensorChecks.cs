using PiGrid.Tensors;

namespace PiGrid.Verification;

/// <summary>What makes tensors malformed.</summary>
internal static class TensorChecks
{
    /// <summary>Known types, shapes that fit the data, finite numbers.</summary>
    public static void Check(Reasons reasons, IReadOnlyList<TensorData> tensors)
    {
        if (tensors.Count is 0 or > OutputLimits.TensorsMax)
        {
            reasons.Add($"it has {tensors.Count} tensors; 1 to {OutputLimits.TensorsMax} are allowed.");
            return;
        }

        for (var i = 0; i < tensors.Count && !reasons.IsFull; i++)
        {
            if (Problem(tensors[i]) is { } problem)
            {
                reasons.Add($"tensors[{i}] {problem}");
            }
        }
    }

    private static string? Problem(TensorData? tensor)
    {
        if (tensor is null || tensor.Name.Length > OutputLimits.NameMax || tensor.Shape.Count > OutputLimits.RankMax)
        {
            return $"is missing, has an overlong name or over {OutputLimits.RankMax} dimensions.";
        }

        if (TensorTypes.SizeOf(tensor.Type) is not { } size)
        {
            return "has a type that no output has.";
        }

        if (TensorTypes.Elements(tensor.Shape) is not { } elements)
        {
            return "has a negative dimension or over 2^31 - 1 elements.";
        }

        if (tensor.Type != TensorTypes.Text && tensor.Data.LongLength != elements * size)
        {
            return $"has {tensor.Data.Length} bytes where its shape and type need {elements * size}.";
        }

        if (tensor.Type == TensorTypes.Text && StringElements.Count(tensor.Data) != elements)
        {
            return $"does not have {elements} strings, each behind its length in 4 bytes.";
        }

        return FloatElements.TryRead(tensor.Type, tensor.Data, out var floats) && floats.FirstNonFinite is var at and >= 0
            ? $"has a NaN or an infinity at element {at}."
            : null;
    }
}
