using Microsoft.ML.OnnxRuntime;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Inference.Inputs;

/// <summary>Turns text into the model's one input: token ids, [1, tokens].</summary>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="spec">What the manifest says of it.</param>
/// <param name="tokensMax">The most tokens of a prompt.</param>
/// <param name="type">The element type of the model's input: <c>int64</c> or <c>int32</c>.</param>
internal sealed class TextStep(Tokenizer tokenizer, TokenizerSpec spec, int tokensMax, string type) : IInputStep
{
    /// <summary>The element types that tokens can become.</summary>
    public static IReadOnlyList<string> Types { get; } = ["int64", "int32"];

    public IReadOnlyList<string> Names { get; } = ["tokens"];

    public PreparedInput Prepare(ReadOnlySpan<byte> input)
    {
        var tokens = tokenizer.Encode(input, spec.Bos, tokensMax);
        return tokens.Length > 0
            ? new() { Values = [ValueOf(tokens, type)], Tokens = tokens, OwnsValues = true }
            : throw new ItemException(ItemErrorCode.Undecodable, "The text is empty (0 bytes) and the manifest names no first token; send some text.");
    }

    /// <summary>A value over token ids.</summary>
    public static OrtValue ValueOf(IReadOnlyList<int> tokens, string type) => type == "int32"
        ? OrtValue.CreateTensorValueFromMemory([.. tokens], [1, tokens.Count])
        : OrtValue.CreateTensorValueFromMemory(tokens.Select(token => (long)token).ToArray(), [1, tokens.Count]);

    public void Dispose()
    {
        // Values belong to the inputs.
    }
}
