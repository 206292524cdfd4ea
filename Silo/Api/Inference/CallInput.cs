using System.Text.Json;
using PiGrid.Models;
using PiGrid.Tensors;
using PiGrid.Verification;

namespace PiGrid.Silo.Api.Inference;

/// <summary>The bytes of a call's input, as the model's manifest says what these are.</summary>
internal static class CallInput
{
    /// <summary>Checks a request's inputs against the model and writes them as it takes them.</summary>
    /// <exception cref="InferenceException">They are not the model's inputs.</exception>
    public static byte[] Of(ModelView model, InferenceRequest request)
    {
        Check(model, request.Inputs);
        return model.Kind switch
        {
            InputKind.Image or InputKind.Text => Single(request.Inputs[0]),
            InputKind.Tensors => request.InputsWritten ?? Tensors(request.Inputs),
        };
    }

    /// <summary>Checks that the outputs that a request asks for are the model's.</summary>
    /// <exception cref="InferenceException">One is not.</exception>
    public static void Check(ModelView model, IReadOnlyList<RequestedOutput>? outputs)
    {
        for (var i = 0; outputs is not null && model.Outputs is { } known && i < outputs.Count; i++)
        {
            if (known.All(o => o.Name != outputs[i].Name))
            {
                throw InferenceException.Invalid(
                    $"outputs[{i}].name", $"{model.Ref} has no output '{outputs[i].Name}'; its outputs are {Names(known)}.");
            }
        }
    }

    private static void Check(ModelView model, IReadOnlyList<RequestTensor> inputs)
    {
        if (model.Inputs is not { } known)
        {
            return;
        }

        for (var i = 0; i < inputs.Count; i++)
        {
            var (input, field) = (inputs[i], $"inputs[{i}]");
            var expected = known.FirstOrDefault(k => k.Name == input.Name) ?? throw InferenceException.Invalid(
                $"{field}.name", $"{model.Ref} has no input '{input.Name}'; its inputs are {Names(known)}.");
            if (input.Type != expected.Type)
            {
                throw InferenceException.Invalid(
                    $"{field}.datatype", $"is {ElementTypes.NameOf(input.Type)}; the input '{input.Name}' of {model.Ref} is {ElementTypes.NameOf(expected.Type)}.");
            }

            if (!Fits(input.Shape, expected.Shape))
            {
                throw InferenceException.Invalid(
                    $"{field}.shape", $"is {Words.Of(input.Shape)}; the input '{input.Name}' of {model.Ref} is {Words.Of(expected.Shape)}, where -1 is any size.");
            }
        }

        if (known.FirstOrDefault(k => inputs.All(i => i.Name != k.Name)) is { } missing)
        {
            throw InferenceException.Invalid(
                "inputs", $"'{missing.Name}' ({ElementTypes.NameOf(missing.Type)} {Words.Of(missing.Shape)}) of {model.Ref} is missing.");
        }
    }

    private static bool Fits(IReadOnlyList<long> shape, IReadOnlyList<long> expected) =>
        shape.Count == expected.Count && shape.Zip(expected).All(p => p.Second < 0 || p.First == p.Second);

    private static byte[] Single(RequestTensor input)
    {
        var data = input.Data.Span;
        return StringElements.TryTake(ref data, out var element)
            ? element.ToArray()
            : throw InferenceException.Invalid("inputs[0]", "has no element.");
    }

    // safetensors has no strings; JSON costs a third more and a decoding.
    private static byte[] Tensors(IReadOnlyList<RequestTensor> inputs) => inputs.Any(i => i.Type == ElementType.Bytes)
        ? JsonSerializer.SerializeToUtf8Bytes(
            inputs.Select(i => new TensorData(i.Name, ElementTypes.GridNameOf(i.Type), i.Shape, i.Data.ToArray())), GridJson.Wire)
        : SafeTensors.Write([.. inputs.Select(i => new TensorPiece(i.Name, ElementTypes.GridNameOf(i.Type), i.Shape, i.Data))]);

    private static string Names(IEnumerable<TensorMetadata> tensors) => string.Join(", ", tensors.Select(t => $"'{t.Name}'"));
}
