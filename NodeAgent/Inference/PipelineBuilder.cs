using PiGrid.Inference.Batching;
using PiGrid.Inference.Inputs;
using PiGrid.Inference.Outputs;
using PiGrid.Inference.Sessions;
using PiGrid.Inference.Validation;
using PiGrid.Models;

namespace PiGrid.Inference;

/// <summary>Puts a pipeline together and refuses parts that do not fit, all of them at once.</summary>
internal static class PipelineBuilder
{
    /// <summary>The most tokens of a text that is not continued by the model, whose context is not known.</summary>
    private const int PromptTokensMax = 1_000_000;

    /// <exception cref="PipelineException">The parts make no pipeline.</exception>
    public static Pipeline Build(ModelManifest manifest, PipelineFiles files, ExecutionProvider preferred, TimeProvider time, SessionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(files);
        List<FieldError> errors = [.. ManifestValidator.Validate(manifest)];
        if (errors.Count > 0)
        {
            throw new PipelineException(errors);
        }

        var tokenizer = ReadTokenizer(manifest, files, errors);
        var labels = ReadLabels(manifest, files, errors);
        var session = LoadModel(manifest, files, preferred, settings, errors);
        if (session is not null)
        {
            errors.AddRange(ModelFit.Check(manifest, session.Inputs, session.Outputs, labels.Count));
        }

        if (errors.Count > 0)
        {
            session?.Dispose();
            throw new PipelineException(errors);
        }

        var generator = manifest.Postprocess.Generation is { } generation
            ? new TextGenerator(tokenizer!, manifest.Preprocess.Tokenizer!.Bos, generation, session!.Inputs[0].Type)
            : null;
        var batchMax = session is null ? 1 : BatchFit.MaxOf(manifest, session.Inputs, session.Outputs, BatchGraph.Read(files.Model));
        return new(manifest, InputOf(manifest, tokenizer, session), OutputOf(manifest, labels), generator, session, batchMax, time);
    }

    private static ModelSession? LoadModel(
        ModelManifest manifest, PipelineFiles files, ExecutionProvider preferred, SessionSettings settings, List<FieldError> errors)
    {
        if (manifest.Model is null)
        {
            return null;
        }

        try
        {
            return ModelSession.Load(files.Model ?? throw new ModelException("its file is missing: send the ONNX file along"), preferred, settings);
        }
        catch (ModelException e)
        {
            errors.Add(new("model", "invalid_model", e.Message));
            return null;
        }
    }

    private static Tokenizer? ReadTokenizer(ModelManifest manifest, PipelineFiles files, List<FieldError> errors)
    {
        if (manifest.Preprocess.Tokenizer is not { } spec)
        {
            return null;
        }

        string? error = "the file is missing: send it along";
        var tokenizer = files.Files.TryGetValue(spec.File, out var data) ? TokenizerFile.TryRead(data, spec.VocabularySize, out error) : null;
        if (tokenizer is null)
        {
            errors.Add(new("preprocess.tokenizer.file", "invalid_tokenizer", $"'{spec.File}': {error}"));
        }

        return tokenizer;
    }

    private static LabelFile ReadLabels(ModelManifest manifest, PipelineFiles files, List<FieldError> errors)
    {
        if (manifest.Postprocess.Labels is not { } name)
        {
            return LabelFile.None;
        }

        string? error = "the file is missing: send it along";
        var labels = files.Files.TryGetValue(name, out var data) ? LabelFile.TryRead(data, out error) : null;
        if (labels is null)
        {
            errors.Add(new("postprocess.labels", "invalid_labels", $"'{name}': {error}"));
        }

        return labels ?? LabelFile.None;
    }

    private static IInputStep InputOf(ModelManifest manifest, Tokenizer? tokenizer, ModelSession? session) => manifest.Preprocess.Kind switch
    {
        InputKind.Image => new PictureStep(manifest.Preprocess.Image!, manifest.Limits.Pixels, session?.Inputs[0].Type ?? "float32"),
        InputKind.Text => new TextStep(
            tokenizer!,
            manifest.Preprocess.Tokenizer!,
            manifest.Postprocess.Generation?.ContextMax ?? PromptTokensMax,
            session?.Inputs[0].Type ?? "int64"),
        InputKind.Tensors => new TensorsStep(session?.Inputs),
    };

    private static IOutputStep? OutputOf(ModelManifest manifest, LabelFile labels) => manifest.Postprocess.Kind switch
    {
        OutputKind.Tensors => new TensorsOutput(),
        OutputKind.Labels => new LabelsOutput(labels, manifest.Postprocess.TopK, manifest.Postprocess.Softmax),
        OutputKind.Detections => new DetectionsOutput(
            manifest.Postprocess.Detections!,
            DetectorGrid.Of(manifest.Preprocess.Image!, manifest.Postprocess.Detections!),
            labels),
        OutputKind.Text => null,
    };
}
