namespace PiGrid.Models;

/// <summary>What a manifest may state of the model's inputs and outputs.</summary>
internal static class TensorSpecRules
{
    /// <summary>The longest name of an input or output.</summary>
    public const int NameLengthMax = 200;

    private const int SpecsMax = 64;
    private const int RankMax = 16;

    private static readonly string[] Types =
    [
        "float32", "float16", "bfloat16", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool", "string",
    ];

    public static void Check(ModelManifest manifest, FieldErrors errors)
    {
        Check(manifest, manifest.Inputs, "inputs", errors);
        Check(manifest, manifest.Outputs, "outputs", errors);
    }

    private static void Check(ModelManifest manifest, IReadOnlyList<TensorSpec>? specs, string field, FieldErrors errors)
    {
        if (specs is null)
        {
            return;
        }

        if (manifest.Model is null)
        {
            errors.Add(field, "unexpected", "only a manifest with a model has it: remove it, or give a model");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; errors.Count(specs.Count, 1, SpecsMax, field, "tensors") && i < specs.Count; i++)
        {
            var at = $"{field}[{i}]";
            if (!errors.Present(specs[i], at, "null is no tensor: remove it"))
            {
                continue;
            }

            errors.Text(specs[i].Name, NameLengthMax, $"{at}.name");
            if (!names.Add(specs[i].Name))
            {
                errors.Add($"{at}.name", "duplicate", $"'{specs[i].Name}' is given twice: give it once");
            }

            if (!Types.Contains(specs[i].Type))
            {
                errors.Add($"{at}.type", "unknown_value", $"'{specs[i].Type}' is no element type: use one of {string.Join(", ", Types)}");
            }

            CheckShape(specs[i].Shape, $"{at}.shape", errors);
        }
    }

    private static void CheckShape(IReadOnlyList<long> shape, string field, FieldErrors errors)
    {
        errors.Count(shape.Count, 0, RankMax, field, "dimensions");
        for (var d = 0; d < Math.Min(shape.Count, RankMax); d++)
        {
            if (shape[d] is not -1 and (< 1 or > int.MaxValue))
            {
                errors.Add($"{field}[{d}]", "out_of_range", $"{shape[d]} is no size: 1 or more, or -1 for one that the model leaves open");
            }
        }
    }
}
