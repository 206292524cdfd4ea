using PiGrid.Inference.Inputs;
using PiGrid.Inference.Sessions;
using PiGrid.Models;

namespace PiGrid.Inference.Validation;

/// <summary>Whether a manifest and the ONNX file's own declarations fit each other. Pure; dimensions that the model leaves open fit anything.</summary>
internal static class ModelFit
{
    /// <summary>Everything that does not fit, by the manifest's fields.</summary>
    /// <param name="manifest">A valid manifest with a model.</param>
    /// <param name="inputs">What the ONNX file declares.</param>
    /// <param name="outputs">What the ONNX file declares.</param>
    /// <param name="labels">The classes that the label file names; null without a file.</param>
    public static IReadOnlyList<FieldError> Check(
        ModelManifest manifest, IReadOnlyList<TensorSpec> inputs, IReadOnlyList<TensorSpec> outputs, int? labels)
    {
        List<FieldError> errors = [];
        Declared("inputs", manifest.Inputs, inputs, errors);
        Declared("outputs", manifest.Outputs, outputs, errors);
        if (outputs.Count == 0)
        {
            errors.Add(new("model", "no_outputs", "the model has no outputs: export it with its outputs"));
            return errors;
        }

        Preprocess(manifest, inputs, errors);
        OutputFit.Check(manifest, outputs, labels, errors);
        return errors;
    }

    private static void Declared(string field, IReadOnlyList<TensorSpec>? stated, IReadOnlyList<TensorSpec> actual, List<FieldError> errors)
    {
        if (stated is null)
        {
            return;
        }

        for (var i = 0; i < stated.Count; i++)
        {
            var match = actual.FirstOrDefault(a => a.Name == stated[i].Name);
            if (match is null)
            {
                errors.Add(new($"{field}[{i}].name", "not_in_model", $"the model has no '{stated[i].Name}' among its {field}; it has {Names(actual)}"));
            }
            else if (match.Type != stated[i].Type)
            {
                errors.Add(new($"{field}[{i}].type", "differs_from_model", $"the model declares {match.Type}, the manifest {stated[i].Type}: write {match.Type}"));
            }
            else if (!match.Shape.SequenceEqual(stated[i].Shape))
            {
                errors.Add(new(
                    $"{field}[{i}].shape", "differs_from_model",
                    $"the model declares [{string.Join(", ", match.Shape)}], the manifest [{string.Join(", ", stated[i].Shape)}]: write the model's"));
            }
        }

        // Where as many are stated as there are, what is missing was stated under a wrong name.
        foreach (var missing in actual.Where(a => stated.Count < actual.Count && stated.All(s => s.Name != a.Name)))
        {
            errors.Add(new(field, "incomplete", $"the model also has '{missing.Name}': state all {field} or none"));
        }
    }

    private static void Preprocess(ModelManifest manifest, IReadOnlyList<TensorSpec> inputs, List<FieldError> errors)
    {
        switch (manifest.Preprocess.Kind)
        {
            case InputKind.Image when manifest.Preprocess.Image is { } steps:
                Single("preprocess.image", inputs, PictureStep.Types, PictureTensor.ShapeOf(steps), "width, height, channels and layout", errors);
                break;
            case InputKind.Text:
                Single("preprocess.tokenizer", inputs, TextStep.Types, [1, TensorShape.Any], "a model that takes token ids", errors);
                break;
            case InputKind.Tensors or InputKind.Image:
                foreach (var input in inputs.Where(i => ElementTypeNames.TypeOf(i.Type) is null))
                {
                    errors.Add(new("preprocess.kind", "unsupported_input", $"the model's input '{input.Name}' is {input.Type}; only tensors of numbers or strings can be given"));
                }

                break;
        }
    }

    /// <summary>The model must have one input that takes this tensor.</summary>
    private static void Single(
        string field, IReadOnlyList<TensorSpec> inputs, IReadOnlyList<string> types, long[] shape, string remedy, List<FieldError> errors)
    {
        if (inputs is not [var input])
        {
            errors.Add(new(field, "input_count", $"the model has {inputs.Count} inputs ({Names(inputs)}); exactly one can be filled: use preprocess.kind 'tensors'"));
            return;
        }

        if (!types.Contains(input.Type))
        {
            errors.Add(new(field, "input_type", $"the model's input '{input.Name}' is {input.Type}; it must be {string.Join(" or ", types)}"));
        }

        if (!TensorShape.Fits(shape, input.Shape))
        {
            errors.Add(new(
                field, "input_shape",
                $"the input becomes {TensorShape.Text(shape)}, but the model's input '{input.Name}' is {TensorShape.Text(input.Shape)}: set {remedy}"));
        }
    }

    private static string Names(IReadOnlyList<TensorSpec> specs) => specs.Count == 0 ? "none" : string.Join(", ", specs.Select(s => $"'{s.Name}'"));
}
