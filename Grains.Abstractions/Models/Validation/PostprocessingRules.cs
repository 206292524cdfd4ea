namespace PiGrid.Models;

/// <summary>What a manifest's post-processing may be.</summary>
internal static class PostprocessingRules
{
    private const int StridesMax = 16;
    private const int StrideMax = 1024;
    private const int StopTokensMax = 64;

    public static void Check(ModelManifest manifest, FieldErrors errors)
    {
        var steps = manifest.Postprocess;
        errors.Known(steps.Kind, "postprocess.kind");
        if (manifest.Model is null && steps.Kind != OutputKind.Tensors)
        {
            errors.Add("postprocess.kind", "needs_model", "without a model the output is the pre-processed tensors: set 'tensors', or give a model");
        }

        CheckLabels(manifest, errors);
        if (steps.Kind == OutputKind.Detections)
        {
            CheckDetections(manifest, errors);
        }
        else
        {
            errors.Absent(steps.Detections, "postprocess.detections", "only kind 'detections' has it: remove it, or set the kind");
        }

        if (steps.Kind == OutputKind.Text)
        {
            CheckGeneration(manifest, errors);
        }
        else
        {
            errors.Absent(steps.Generation, "postprocess.generation", "only kind 'text' has it: remove it, or set the kind");
        }
    }

    private static void CheckLabels(ModelManifest manifest, FieldErrors errors)
    {
        var steps = manifest.Postprocess;
        errors.Range(steps.TopK, 1, 1000, "postprocess.top_k");
        ManifestFileRules.CheckReference(manifest, steps.Labels, "postprocess.labels", errors);
        if (steps.Kind is OutputKind.Tensors or OutputKind.Text)
        {
            errors.Absent(steps.Labels, "postprocess.labels", "only kinds 'labels' and 'detections' have it: remove it, or set the kind");
        }

        if (steps.Softmax && steps.Kind != OutputKind.Labels)
        {
            errors.Add("postprocess.softmax", "unexpected", "only kind 'labels' has it: remove it, or set the kind");
        }
    }

    private static void CheckDetections(ModelManifest manifest, FieldErrors errors)
    {
        const string at = "postprocess.detections";
        if (manifest.Preprocess.Kind != InputKind.Image)
        {
            errors.Add("postprocess.kind", "needs_image", "detections are found in pictures: set preprocess.kind 'image'");
        }

        if (!errors.Present(manifest.Postprocess.Detections, at, "detections need their decoder: give its family and the rest"))
        {
            return;
        }

        var decoder = manifest.Postprocess.Detections;
        errors.Known(decoder.Family, $"{at}.family");
        errors.Range(decoder.ScoreThreshold, 0, 1, $"{at}.score_threshold");
        errors.Range(decoder.IouThreshold, 0, 1, $"{at}.iou_threshold");
        errors.Range(decoder.DetectionsMax, 1, 1000, $"{at}.detections_max");
        CheckStrides(manifest.Preprocess.Image, decoder.Strides, $"{at}.strides", errors);
        CheckNames(decoder, decoder.ClassOutputs, $"{at}.class_outputs", errors);
        CheckNames(decoder, decoder.DistanceOutputs, $"{at}.distance_outputs", errors);
    }

    private static void CheckStrides(ImageSteps? image, IReadOnlyList<int> strides, string field, FieldErrors errors)
    {
        errors.Count(strides.Count, 1, StridesMax, field, "strides");
        for (var i = 0; i < Math.Min(strides.Count, StridesMax); i++)
        {
            errors.Range(strides[i], 1, StrideMax, $"{field}[{i}]");
            if (strides[i] >= 1 && image is not null && (image.Width % strides[i] != 0 || image.Height % strides[i] != 0))
            {
                errors.Add($"{field}[{i}]", "not_a_divisor", $"a grid of {strides[i]} pixels does not fit {image.Width} x {image.Height} pixels evenly");
            }
        }
    }

    private static void CheckNames(DetectionDecoder decoder, IReadOnlyList<string> names, string field, FieldErrors errors)
    {
        if (decoder.Family == DetectorFamily.Yolox && names.Count != 0)
        {
            errors.Add(field, "unexpected", "only family 'nanodet' has it: remove it, or set the family");
        }

        if (decoder.Family == DetectorFamily.Nanodet && names.Count != decoder.Strides.Count)
        {
            errors.Add(field, "count", $"{names.Count} outputs are named for {decoder.Strides.Count} strides: name one for each");
        }

        for (var i = 0; i < Math.Min(names.Count, StridesMax); i++)
        {
            errors.Text(names[i], TensorSpecRules.NameLengthMax, $"{field}[{i}]");
        }
    }

    private static void CheckGeneration(ModelManifest manifest, FieldErrors errors)
    {
        const string at = "postprocess.generation";
        if (manifest.Preprocess.Kind != InputKind.Text)
        {
            errors.Add("postprocess.kind", "needs_text", "text continues text: set preprocess.kind 'text'");
        }

        if (!errors.Present(manifest.Postprocess.Generation, at, "text needs its limits: give tokens_max and context_max"))
        {
            return;
        }

        var generation = manifest.Postprocess.Generation;
        errors.Range(generation.TokensMax, 1, 100_000, $"{at}.tokens_max");
        errors.Range(generation.ContextMax, 1, 1_000_000, $"{at}.context_max");
        errors.Count(generation.StopTokens.Count, 0, StopTokensMax, $"{at}.stop_tokens", "tokens");
        for (var i = 0; i < Math.Min(generation.StopTokens.Count, StopTokensMax); i++)
        {
            errors.Range(generation.StopTokens[i], 0, Math.Max(0, (manifest.Preprocess.Tokenizer?.VocabularySize ?? int.MaxValue) - 1), $"{at}.stop_tokens[{i}]");
        }
    }
}
