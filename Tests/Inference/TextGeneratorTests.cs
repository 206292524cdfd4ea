using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Inference;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference;

/// <summary>Greedy text over a model in which each token alone decides the next: <c>logits = table[tokens]</c>.</summary>
public class TextGeneratorTests
{
    private const int Vocabulary = 300;

    private static readonly byte[] Tokens = Tokenizer();

    [Fact]
    public void Text_EndsBeforeAStopToken()
    {
        var text = Run(new() { TokensMax = 50, ContextMax = 50 }, ('a', 'b'), ('b', 'c'), ('c', 2)).Text!;

        Assert.Equal("bc", text.Text);
        Assert.Equal([Id('b'), Id('c')], text.Tokens);
    }

    [Fact]
    public void Text_WhenItNeverStops_EndsAtTheMostTokens() =>
        Assert.Equal("babab", Run(new() { TokensMax = 5, ContextMax = 50 }, ('a', 'b'), ('b', 'a')).Text!.Text);

    [Fact]
    public void Text_WhenItNeverStops_EndsAtTheLongestContext() =>
        // The prompt is the first token, a space and 'a'.
        Assert.Equal("ba", Run(new() { TokensMax = 50, ContextMax = 5 }, ('a', 'b'), ('b', 'a')).Text!.Text);

    [Fact]
    public void Text_OfEqualLogits_TakesTheLowerToken() =>
        Assert.Equal([0, 0], Run(new() { TokensMax = 2, ContextMax = 50, StopTokens = [] }).Text!.Tokens);

    [Fact]
    public void Prompt_WhenLongerThanTheContext_IsTooLarge()
    {
        using var pipeline = Load(new() { TokensMax = 5, ContextMax = 4 });

        Assert.Equal(ItemErrorCode.TooLarge, pipeline.Run("aaa"u8).Output.Error!.Code);
    }

    [Fact]
    public void Prompt_WhenNoUtf8_IsUndecodable()
    {
        using var pipeline = Load(new() { TokensMax = 5, ContextMax = 4 });

        Assert.Equal(ItemErrorCode.Undecodable, pipeline.Run([0xFF]).Output.Error!.Code);
    }

    private static ItemOutput Run(GenerationSteps steps, params (int From, int To)[] next)
    {
        using var pipeline = Load(steps, next);
        return pipeline.Run("a"u8).Output;
    }

    private static Pipeline Load(GenerationSteps steps, params (int From, int To)[] next)
    {
        var table = new float[Vocabulary * Vocabulary];
        foreach (var (from, to) in next)
        {
            table[(Id(from) * Vocabulary) + Id(to)] = 1;
        }

        var model = OnnxModels.Model(g => g
            .Message(1, n => OnnxModels.Node(n, "Gather", ["table", "x"], ["y"]))
            .Message(5, t => t.Number(1, Vocabulary).Number(1, Vocabulary).Number(2, 1).Text(8, "table").Bytes(9, MemoryMarshal.AsBytes<float>(table).ToArray()))
            .Value(11, "x", TensorElementType.Int64, [1, OnnxModels.Open])
            .Value(12, "y", TensorElementType.Float, [1, OnnxModels.Open, Vocabulary]));
        var manifest = Manifests.Text with { Postprocess = new() { Kind = OutputKind.Text, Generation = steps } };
        return Pipeline.Load(manifest, new() { Model = model, Files = new Dictionary<string, byte[]> { ["tokens.bin"] = Tokens } });
    }

    /// <summary>Control tokens are themselves; characters are byte tokens.</summary>
    private static int Id(int token) => token < 3 ? token : token + 3;

    /// <summary>Control tokens, the bytes, and tokens that no text has.</summary>
    private static byte[] Tokenizer()
    {
        List<byte> file = [.. BitConverter.GetBytes(8)];
        for (var id = 0; id < Vocabulary; id++)
        {
            var piece = System.Text.Encoding.ASCII.GetBytes(id is >= 3 and < 259 ? $"<0x{id - 3:X2}>" : id == 259 ? " " : $"<{id}>");
            file.AddRange([.. BitConverter.GetBytes(0f), .. BitConverter.GetBytes(piece.Length), .. piece]);
        }

        return [.. file];
    }
}
