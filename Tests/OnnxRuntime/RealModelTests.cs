using System.Globalization;
using System.Numerics;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace PiGrid.Tests.OnnxRuntime;

/// <summary>Real models, fed raw tensors: what comes out is what they are known to answer.</summary>
public class RealModelTests
{
    private const int Side = 28;
    private const float StrokeHalfWidth = 2.2f;

    /// <summary>Strokes of digits in a 28 x 28 square, as pairs of points.</summary>
    private static readonly Dictionary<int, float[]> Strokes = new()
    {
        [1] = [14, 5, 14, 23],
        [4] = [8, 5, 8, 14, 8, 14, 20, 14, 18, 5, 18, 23],
        [5] = [19, 5, 9, 5, 9, 5, 9, 13, 9, 13, 15, 12, 15, 12, 19, 15, 19, 15, 19, 19, 19, 19, 14, 23, 14, 23, 8, 21],
        [7] = [7, 6, 20, 6, 20, 6, 12, 23],
    };

    [TestDataTheory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    public void Mnist_WhenShownADrawnDigit_ReadsIt(int digit)
    {
        using InferenceSession session = Sessions.Load(File.ReadAllBytes(TestData.File("models/mnist.onnx")));
        using OrtValue picture = OrtValue.CreateTensorValueFromMemory(Draw(Strokes[digit]), [1, 1, Side, Side]);

        float[] scores = Run(session, picture);

        Assert.Equal(10, scores.Length);
        Assert.Equal(digit, Array.IndexOf(scores, scores.Max()));
    }

    [TestDataFact]
    public void Stories_WhenGivenItsOwnStory_ForetellsEveryToken()
    {
        const int promptTokens = 5; // "Once upon a time" and the start
        long[] story = [.. File.ReadAllText(TestData.File("models/stories260k_greedy_tokens.txt")).Split(',').Select(t => long.Parse(t, CultureInfo.InvariantCulture))];
        using InferenceSession session = Sessions.Load(File.ReadAllBytes(TestData.File("models/stories260k.onnx")));
        using OrtValue tokens = OrtValue.CreateTensorValueFromMemory(story, [1, story.Length]);

        float[] logits = Run(session, tokens);

        int words = logits.Length / story.Length;
        long[] foretold = [.. Enumerable.Range(promptTokens - 1, story.Length - promptTokens).Select(i => (long)ArgMax(logits.AsSpan(i * words, words)))];
        Assert.Equal(512, words);
        Assert.Equal(story[promptTokens..], foretold);
    }

    [TestDataFact]
    public void Yolox_WhenDescribed_IsAsItsManifestSays()
    {
        using InferenceSession session = Sessions.Load(File.ReadAllBytes(TestData.File("models/yolox_nano.onnx")));

        Assert.Equal([1, 3, 416, 416], session.InputMetadata["images"].Dimensions);
        Assert.Equal(TensorElementType.Float, session.InputMetadata["images"].ElementDataType);
        Assert.Equal([1, 3549, 85], session.OutputMetadata["output"].Dimensions);
    }

    [TestDataFact]
    public void Nanodet_WhenDescribed_NamesSixOutputs()
    {
        using InferenceSession session = Sessions.Load(File.ReadAllBytes(TestData.File("models/nanodet_m_320.onnx")));

        Assert.Equal(["cls_pred_stride_8", "cls_pred_stride_16", "cls_pred_stride_32", "dis_pred_stride_8", "dis_pred_stride_16", "dis_pred_stride_32"], session.OutputNames.Order(ByKindAndStride));
        Assert.Equal([1, 1600, 32], session.OutputMetadata["dis_pred_stride_8"].Dimensions);
    }

    [TestDataFact]
    public void Yolox_WhenRunWithOneOrTwoThreads_AnswersWithinTolerance()
    {
        float[] noise = new float[3 * 416 * 416];
        var random = new Random(7);
        for (int i = 0; i < noise.Length; i++)
        {
            noise[i] = random.Next(256);
        }

        float[] one = RunYolox(noise, threads: 1);
        float[] again = RunYolox(noise, threads: 1);
        float[] two = RunYolox(noise, threads: 2);

        Assert.Equal(one, again);
        Assert.All(one.Zip(two), pair => Assert.True(MathF.Abs(pair.First - pair.Second) <= 1e-3f + (1e-3f * MathF.Abs(pair.First)), $"{pair}"));
    }

    [TestDataFact]
    public void Squeezenet_WhenRun_AnswersProbabilities()
    {
        using InferenceSession session = Sessions.Load(File.ReadAllBytes(TestData.File("models/squeezenet1.0_dc.onnx")));
        using OrtValue grey = OrtValue.CreateTensorValueFromMemory(new float[3 * 227 * 227], [1, 3, 227, 227]);

        float[] probabilities = Run(session, grey);

        Assert.Equal(1000, probabilities.Length);
        Assert.Equal(1, probabilities.Sum(), 1e-3);
    }

    /// <summary>By kind, then by stride as a number.</summary>
    private static Comparer<string> ByKindAndStride { get; } = Comparer<string>.Create((a, b) =>
        (a[..3], int.Parse(a[16..], CultureInfo.InvariantCulture)).CompareTo((b[..3], int.Parse(b[16..], CultureInfo.InvariantCulture))));

    private static float[] RunYolox(float[] picture, int threads)
    {
        using InferenceSession session = Sessions.Load(File.ReadAllBytes(TestData.File("models/yolox_nano.onnx")), threads);
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(picture, [1, 3, 416, 416]);
        return Run(session, value);
    }

    private static float[] Run(InferenceSession session, OrtValue input)
    {
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, [session.InputNames[0]], [input], [session.OutputNames[0]]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static int ArgMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    /// <summary>White strokes on black, 0 to 255, soft at the edges.</summary>
    private static float[] Draw(float[] strokes)
    {
        var picture = new float[Side * Side];
        for (int i = 0; i < picture.Length; i++)
        {
            var at = new Vector2(i % Side, i / Side);
            float distance = strokes.Chunk(4).Min(s => DistanceToSegment(at, new Vector2(s[0], s[1]), new Vector2(s[2], s[3])));
            picture[i] = 255 * Math.Clamp(StrokeHalfWidth - distance, 0, 1);
        }
        return picture;
    }

    private static float DistanceToSegment(Vector2 point, Vector2 from, Vector2 to)
    {
        Vector2 along = to - from;
        float place = Math.Clamp(Vector2.Dot(point - from, along) / along.LengthSquared(), 0, 1);
        return Vector2.Distance(point, from + (place * along));
    }
}
