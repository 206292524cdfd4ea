using Microsoft.ML.OnnxRuntime;
using PiGrid.Inference.Inputs;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Inference.Outputs;

/// <summary>
/// Writes text greedily: the whole context goes through the model for every token, since a model with tokens alone as its input keeps no
/// state between runs. Among equal logits the lower token wins.
/// </summary>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="bos">The token before the prompt, where there is one.</param>
/// <param name="steps">When to end.</param>
/// <param name="inputType">The element type of the model's input.</param>
internal sealed class TextGenerator(Tokenizer tokenizer, int? bos, GenerationSteps steps, string inputType)
{
    /// <summary>The text that follows a prompt.</summary>
    /// <param name="prompt">The prompt's tokens, at least one.</param>
    /// <param name="run">Runs the model once: its first output is the logits [1, tokens, vocabulary].</param>
    /// <param name="outputName">The name of that output.</param>
    /// <exception cref="ItemException">The model's output is not such logits (model failed).</exception>
    public ItemOutput Generate(
        IReadOnlyList<int> prompt, Func<IReadOnlyList<OrtValue>, IDisposableReadOnlyCollection<OrtValue>> run, string outputName)
    {
        List<int> context = [.. prompt];
        while (context.Count - prompt.Count < steps.TokensMax && context.Count < steps.ContextMax)
        {
            using var input = TextStep.ValueOf(context, inputType);
            using var outputs = run([input]);
            var next = Best(outputs[0], context.Count, outputName);
            if (steps.StopTokens.Contains(next))
            {
                break;
            }

            context.Add(next);
        }

        var written = context.GetRange(prompt.Count, context.Count - prompt.Count).ToArray();
        return new() { Text = new(written, tokenizer.Decode(written, prompt[^1], bos)) };
    }

    private int Best(OrtValue logits, int tokens, string name)
    {
        var shape = logits.GetTensorTypeAndShape().Shape;
        if (shape is not [1, var rows, var vocabulary] || rows != tokens || vocabulary != tokenizer.Count)
        {
            throw new ItemException(
                ItemErrorCode.ModelFailed,
                $"The model's output '{name}' has the shape {TensorShape.Text(shape)}; greedy text needs [1, {tokens}, {tokenizer.Count}].");
        }

        var last = FloatValues.Read(logits, name)[^tokenizer.Count..];
        var best = 0;
        for (var i = 1; i < last.Length; i++)
        {
            best = last[i] > last[best] ? i : best;
        }

        return best;
    }
}
