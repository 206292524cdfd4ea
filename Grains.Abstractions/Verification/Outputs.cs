using System.Text.Json;

namespace PiGrid.Verification;

/// <summary>
/// What one replica computed for a shard: one item per input, in input order. Its canonical JSON (<see cref="CanonicalJson"/>) is the
/// shard's output; the SHA-256 of those bytes is the result's digest.
/// </summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ShardOutput")]
public sealed record ShardOutput
{
    /// <summary>One item per input, in input order.</summary>
    [Id(0)]
    public required IReadOnlyList<ItemOutput> Items { get; init; }

    /// <summary>The output's canonical bytes.</summary>
    public byte[] ToCanonicalBytes() => CanonicalJson.Serialize(this);

    /// <summary>Reads an output; null with the reason when the bytes are no output.</summary>
    public static ShardOutput? TryParse(ReadOnlySpan<byte> bytes, out string? error)
    {
        try
        {
            var output = JsonSerializer.Deserialize<ShardOutput>(bytes, GridJson.Wire);
            error = output is null ? "The output is not valid JSON of a shard output: it is null." : null;
            return output;
        }
        catch (JsonException e)
        {
            error = $"The output is not valid JSON of a shard output: {e.Message}";
            return null;
        }
    }
}

/// <summary>The output for one input: exactly one of its members is set.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ItemOutput")]
public sealed record ItemOutput
{
    /// <summary>Why this input has no output.</summary>
    [Id(0)]
    public ItemError? Error { get; init; }

    /// <summary>The best labels, best first.</summary>
    [Id(1)]
    public IReadOnlyList<LabelScore>? Labels { get; init; }

    /// <summary>Objects found, best score first.</summary>
    [Id(2)]
    public IReadOnlyList<Detection>? Detections { get; init; }

    /// <summary>Generated text.</summary>
    [Id(3)]
    public GeneratedText? Text { get; init; }

    /// <summary>Raw tensors by output order.</summary>
    [Id(4)]
    public IReadOnlyList<TensorData>? Tensors { get; init; }

    /// <summary>The model's description, from the validation of a model on an operator node.</summary>
    [Id(5)]
    public ModelReport? Report { get; init; }

    /// <summary>Segments of a run that the node had committed itself to.</summary>
    [Id(6)]
    public SegmentEvidence? Opening { get; init; }

    /// <summary>What an operator node found in another node's opening.</summary>
    [Id(7)]
    public VerifierFinding? Finding { get; init; }
}

/// <summary>Why one input failed. Replicas agree on an error when they agree on its code.</summary>
/// <param name="Code">What kind of failure.</param>
/// <param name="Message">What was wrong with the input, for its owner; not compared.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.ItemError")]
public sealed record ItemError([property: Id(0)] ItemErrorCode Code, [property: Id(1)] string Message);

/// <summary>The kinds of failure that belong to an input and not to a node.</summary>
[GenerateSerializer, Alias("PiGrid.ItemErrorCode")]
public enum ItemErrorCode
{
    /// <summary>The bytes are not of the kind that the pipeline decodes: no picture, no text, no tensors.</summary>
    Undecodable,

    /// <summary>The input is over a limit of the manifest or the node: pixels, bytes or tokens.</summary>
    TooLarge,

    /// <summary>The tensors do not fit the model's inputs.</summary>
    ShapeMismatch,

    /// <summary>The model refused the input or failed while running it.</summary>
    ModelFailed,

    /// <summary>The input took longer than the manifest's limit.</summary>
    TimedOut,

    /// <summary>The worker process died of this input: a crash, or its memory limit.</summary>
    WorkerDied,

    /// <summary>From the grid, never from a node: the shard was given up, so the input was not run or its results did not agree.</summary>
    GivenUp,
}

/// <summary>A class and how sure the model is of it.</summary>
/// <param name="Class">The class index, from 0.</param>
/// <param name="Label">The class's name from the label file, or the index as text.</param>
/// <param name="Score">Rounded to 6 decimals; 0 to 1 after a softmax.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.LabelScore")]
public sealed record LabelScore([property: Id(0)] int Class, [property: Id(1)] string Label, [property: Id(2)] double Score);

/// <summary>An object found in a picture.</summary>
/// <param name="Class">The class index, from 0.</param>
/// <param name="Label">The class's name.</param>
/// <param name="Score">0 to 1, rounded to 6 decimals.</param>
/// <param name="Box">Where, in the picture's own pixels after EXIF orientation: x0, y0, x1, y1, each rounded to 2 decimals.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.Detection")]
public sealed record Detection(
    [property: Id(0)] int Class,
    [property: Id(1)] string Label,
    [property: Id(2)] double Score,
    [property: Id(3)] Box Box);

/// <summary>What a token model wrote.</summary>
/// <param name="Tokens">The generated token ids, without the prompt.</param>
/// <param name="Text">The generated text, without the prompt.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.GeneratedText")]
public sealed record GeneratedText([property: Id(0)] IReadOnlyList<int> Tokens, [property: Id(1)] string Text);

/// <summary>A tensor.</summary>
/// <param name="Name">The name in the model.</param>
/// <param name="Type">The element type in ONNX's words in lower case: <c>float32</c>, <c>int64</c>, <c>uint8</c>, ...</param>
/// <param name="Shape">The dimensions; their product is the number of elements.</param>
/// <param name="Data">The elements, row-major, little-endian, strings each behind its length in 4 bytes; base64 in JSON.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.TensorData")]
public sealed record TensorData(
    [property: Id(0)] string Name,
    [property: Id(1)] string Type,
    [property: Id(2)] IReadOnlyList<long> Shape,
    [property: Id(3)] byte[] Data);
