namespace PiGrid.Models;

/// <summary>What a manifest's pre-processing may be.</summary>
internal static class PreprocessingRules
{
    private const int SideMax = 8192;
    private const int ShortSideMax = 16384;
    private const int VocabularyMax = 1_000_000;

    public static void Check(ModelManifest manifest, FieldErrors errors)
    {
        var steps = manifest.Preprocess;
        errors.Known(steps.Kind, "preprocess.kind");
        if (steps.Kind == InputKind.Image)
        {
            if (errors.Present(steps.Image, "preprocess.image", "pictures need their steps: give width, height and the rest"))
            {
                CheckImage(steps.Image, manifest.Limits, errors);
            }
        }
        else
        {
            errors.Absent(steps.Image, "preprocess.image", "only kind 'image' has it: remove it, or set the kind");
        }

        if (steps.Kind == InputKind.Text)
        {
            if (errors.Present(steps.Tokenizer, "preprocess.tokenizer", "text needs its tokenizer: give file and vocabulary_size"))
            {
                CheckTokenizer(manifest, steps.Tokenizer, errors);
            }
        }
        else
        {
            errors.Absent(steps.Tokenizer, "preprocess.tokenizer", "only kind 'text' has it: remove it, or set the kind");
        }
    }

    private static void CheckImage(ImageSteps image, ManifestLimits limits, FieldErrors errors)
    {
        const string at = "preprocess.image";
        errors.Range(image.Width, 1, SideMax, $"{at}.width");
        errors.Range(image.Height, 1, SideMax, $"{at}.height");
        errors.Known(image.Fit, $"{at}.fit");
        errors.Known(image.Channels, $"{at}.channels");
        errors.Known(image.Layout, $"{at}.layout");
        errors.Range(image.Pad, 0, 255, $"{at}.pad");
        errors.Finite(image.Scale, $"{at}.scale");
        if (image.Scale == 0)
        {
            errors.Add($"{at}.scale", "zero", "0 would make every picture the same: 1 leaves values as they are");
        }

        if (image.Fit == ImageFit.CentreCrop)
        {
            if (errors.Present(image.ShortSide, $"{at}.short_side", "centre_crop needs the length of the short side before cropping"))
            {
                errors.Range(image.ShortSide.Value, Math.Max(image.Width, image.Height), ShortSideMax, $"{at}.short_side");
            }
        }
        else
        {
            errors.Absent(image.ShortSide, $"{at}.short_side", "only fit 'centre_crop' has it: remove it, or set the fit");
        }

        var channels = image.Channels == ChannelOrder.Grey ? 1 : 3;
        PerChannel(image.Mean, channels, $"{at}.mean", errors);
        PerChannel(image.Std, channels, $"{at}.std", errors);
        for (var c = 0; c < Math.Min(image.Std.Count, channels); c++)
        {
            if ((float)image.Std[c] == 0)
            {
                errors.Add($"{at}.std[{c}]", "zero", "nothing can be divided by 0: 1 leaves values as they are");
            }
        }

        if (image is { Width: >= 1 and <= SideMax, Height: >= 1 and <= SideMax }
            && ((long)image.Width * image.Height * channels * sizeof(float)) >> 20 is var mib && mib > limits.MemoryMib)
        {
            errors.Add($"{at}.width", "over_memory", $"one tensor takes {mib} MiB, more than limits.memory_mib ({limits.MemoryMib})");
        }
    }

    private static void PerChannel(IReadOnlyList<double> values, int channels, string field, FieldErrors errors)
    {
        if (values.Count != 0 && values.Count != channels)
        {
            errors.Add(field, "count", $"{values.Count} numbers are given for {channels} channels: give one for each, or none");
        }

        for (var c = 0; c < Math.Min(values.Count, channels); c++)
        {
            errors.Finite(values[c], $"{field}[{c}]");
        }
    }

    private static void CheckTokenizer(ModelManifest manifest, TokenizerSpec tokenizer, FieldErrors errors)
    {
        const string at = "preprocess.tokenizer";
        ManifestFileRules.CheckReference(manifest, tokenizer.File, $"{at}.file", errors);
        errors.Range(tokenizer.VocabularySize, 1, VocabularyMax, $"{at}.vocabulary_size");
        if (tokenizer.Bos is { } bos)
        {
            errors.Range(bos, 0, Math.Max(0, tokenizer.VocabularySize - 1), $"{at}.bos");
        }
    }
}
