using PiGrid.Inference.Inputs;
using PiGrid.Inference.Outputs;
using PiGrid.Inference.Sessions;
using PiGrid.Models;

namespace PiGrid.Inference.Validation;

/// <summary>Whether what a manifest reads from a model's outputs is what the model gives out.</summary>
internal static class OutputFit
{
    /// <summary>Adds everything that does not fit.</summary>
    public static void Check(ModelManifest manifest, IReadOnlyList<TensorSpec> outputs, int? labels, List<FieldError> errors)
    {
        switch (manifest.Postprocess.Kind)
        {
            case OutputKind.Tensors:
                foreach (var output in outputs.Where(o => ElementTypeNames.TypeOf(o.Type) is null))
                {
                    errors.Add(new("postprocess.kind", "unsupported_output", $"the model's output '{output.Name}' is {output.Type}; only tensors of numbers or strings can be given out"));
                }

                break;
            case OutputKind.Labels:
                Labels(outputs[0], labels, errors);
                break;
            case OutputKind.Detections when manifest.Postprocess.Detections!.Family == DetectorFamily.Yolox:
                Yolox(outputs[0], DetectorGrid.Of(manifest.Preprocess.Image!, manifest.Postprocess.Detections), labels, errors);
                break;
            case OutputKind.Detections:
                Nanodet(outputs, manifest.Postprocess.Detections!, DetectorGrid.Of(manifest.Preprocess.Image!, manifest.Postprocess.Detections!), labels, errors);
                break;
            case OutputKind.Text:
                Text(outputs[0], manifest.Preprocess.Tokenizer!.VocabularySize, errors);
                break;
        }
    }

    private static void Labels(TensorSpec output, int? labels, List<FieldError> errors)
    {
        if (!Floats("postprocess.kind", output, errors))
        {
            return;
        }

        // The batch's size may be open, and is 1.
        var sizes = output.Shape.Count > 1 ? [.. output.Shape.Skip(1)] : output.Shape;
        if (sizes.All(s => s >= 0) && TensorShape.ElementsOf(sizes) is { } classes)
        {
            Classes(output, classes, labels, errors);
        }
    }

    private static void Yolox(TensorSpec output, DetectorGrid grid, int? labels, List<FieldError> errors)
    {
        if (!Floats("postprocess.detections", output, errors))
        {
            return;
        }

        if (output.Shape is not [var batch, var cells, var length] || !TensorShape.CanBe(batch, 1)
            || !TensorShape.CanBe(cells, grid.Cells) || (length >= 0 && length <= YoloxDecoder.BoxNumbers))
        {
            errors.Add(Misshapen(output, $"[1, {grid.Cells}, 5 + classes]", grid));
        }
        else if (length >= 0)
        {
            Classes(output, length - YoloxDecoder.BoxNumbers, labels, errors);
        }
    }

    private static void Nanodet(IReadOnlyList<TensorSpec> outputs, DetectionDecoder decoder, DetectorGrid grid, int? labels, List<FieldError> errors)
    {
        for (var i = 0; i < grid.Strides.Count; i++)
        {
            var cells = grid.CellsOf(grid.Strides[i]);
            var scores = Find(outputs, decoder.ClassOutputs[i], $"postprocess.detections.class_outputs[{i}]", errors);
            var distances = Find(outputs, decoder.DistanceOutputs[i], $"postprocess.detections.distance_outputs[{i}]", errors);
            if (scores is not null && !Rows(scores, cells))
            {
                errors.Add(Misshapen(scores, $"[1, {cells}, classes]", grid));
            }
            else if (scores is { Shape: [_, _, >= 0 and var classes] })
            {
                Classes(scores, classes, labels, errors);
            }

            if (distances is not null && (!Rows(distances, cells) || (distances.Shape[2] >= 0 && distances.Shape[2] % 4 != 0)))
            {
                errors.Add(Misshapen(distances, $"[1, {cells}, 4 * bins]", grid));
            }
        }
    }

    private static void Text(TensorSpec output, int vocabulary, List<FieldError> errors)
    {
        if (Floats("postprocess.generation", output, errors)
            && (output.Shape is not [var batch, _, var size] || !TensorShape.CanBe(batch, 1) || !TensorShape.CanBe(size, vocabulary)))
        {
            errors.Add(new(
                "postprocess.generation", "output_shape",
                $"the model's output '{output.Name}' is {TensorShape.Text(output.Shape)}, but greedy text needs [1, tokens, {vocabulary}]: "
                + "set preprocess.tokenizer.vocabulary_size, or export the model with logits as its first output"));
        }
    }

    private static TensorSpec? Find(IReadOnlyList<TensorSpec> outputs, string name, string field, List<FieldError> errors)
    {
        var found = outputs.FirstOrDefault(o => o.Name == name);
        if (found is null)
        {
            errors.Add(new(field, "not_in_model", $"the model has no output '{name}'; it has {string.Join(", ", outputs.Select(o => $"'{o.Name}'"))}"));
            return null;
        }

        return Floats(field, found, errors) ? found : null;
    }

    private static bool Rows(TensorSpec output, int cells) =>
        output.Shape is [var batch, var rows, not 0] && TensorShape.CanBe(batch, 1) && TensorShape.CanBe(rows, cells);

    private static bool Floats(string field, TensorSpec output, List<FieldError> errors)
    {
        if (FloatValues.Types.Contains(output.Type))
        {
            return true;
        }

        errors.Add(new(field, "output_type", $"the model's output '{output.Name}' is {output.Type}; it must be {string.Join(", ", FloatValues.Types)}"));
        return false;
    }

    private static void Classes(TensorSpec output, long classes, int? labels, List<FieldError> errors)
    {
        if (labels is { } count && count != classes)
        {
            errors.Add(new(
                "postprocess.labels", "label_count",
                $"the label file names {count} classes, but the model's output '{output.Name}' has {classes}: give one line for each class"));
        }
    }

    private static FieldError Misshapen(TensorSpec output, string needed, DetectorGrid grid) => new(
        "postprocess.detections", "output_shape",
        $"the model's output '{output.Name}' is {TensorShape.Text(output.Shape)}, but this decoder needs {needed} for {grid.Width} x {grid.Height} pixels and strides "
        + $"{string.Join(", ", grid.Strides)}: set postprocess.detections.family and strides, and the size in preprocess.image");
}
