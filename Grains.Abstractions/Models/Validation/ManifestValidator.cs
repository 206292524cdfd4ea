namespace PiGrid.Models;

/// <summary>
/// Whether a manifest makes sense by itself, before its files are looked at: every range that the contract states, every reference, and
/// that its parts belong together. Pure, so that client, silo and node say the same.
/// </summary>
public static class ManifestValidator
{
    private const int NameLengthMax = 64;

    /// <summary>Everything that is wrong, at once; empty when the manifest is valid.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="isPublished">Whether each file's digest and size must be there, as publishing fills them in.</param>
    public static IReadOnlyList<FieldError> Validate(ModelManifest manifest, bool isPublished = false)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var errors = new FieldErrors();
        if (manifest.Schema != ModelManifest.SchemaV1)
        {
            errors.Add("schema", "unknown_schema", $"'{manifest.Schema}' is not known: this release reads '{ModelManifest.SchemaV1}'");
        }

        CheckNames(manifest, errors);
        CheckLimits(manifest.Limits, errors);
        ManifestFileRules.Check(manifest, isPublished, errors);
        TensorSpecRules.Check(manifest, errors);
        PreprocessingRules.Check(manifest, errors);
        PostprocessingRules.Check(manifest, errors);
        ComparatorRules.Check(manifest, errors);
        return errors.All;
    }

    private static void CheckNames(ModelManifest manifest, FieldErrors errors)
    {
        Name(manifest.Name, "name", errors);
        Name(manifest.Version, "version", errors);
        errors.Text(manifest.Publisher, 200, "publisher");
        errors.Text(manifest.Licence, 200, "licence");
        Name(manifest.Category, "category", errors);
        if (manifest.Description is not null)
        {
            errors.Text(manifest.Description, 1000, "description");
        }
    }

    private static void Name(string? value, string field, FieldErrors errors)
    {
        if (!IdText.IsName(value, NameLengthMax))
        {
            errors.Add(field, "invalid_name", $"'{value}' must be 1 to {NameLengthMax} letters, digits, '.', '_' or '-', starting with a letter or digit");
        }
    }

    private static void CheckLimits(ManifestLimits limits, FieldErrors errors)
    {
        errors.Range(limits.SecondsPerInput, 1, 3600, "limits.seconds_per_input");
        errors.Range(limits.MemoryMib, 64, 65_536, "limits.memory_mib");
        errors.Range(limits.InputBytes, 1, 1L << 30, "limits.input_bytes");
        errors.Range(limits.Pixels, 1, 400_000_000, "limits.pixels");
        if (limits.Batch is { } batch)
        {
            errors.Range(batch, 1, 256, "limits.batch");
        }
    }
}
