using PiGrid.Models;

namespace PiGrid.Silo.Api.Inference;

/// <summary>A tensor as the protocol describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its elements.</param>
/// <param name="Shape">Its dimensions; -1 for one that is open.</param>
internal sealed record TensorMetadata(string Name, ElementType Type, IReadOnlyList<long> Shape);

/// <summary>
/// A model version as its callers see it: a model of tensors as the ONNX file declares it; one of pictures or text with that as its one input, and outputs as
/// its pipeline makes them.
/// </summary>
internal sealed record ModelView
{
    /// <summary>The one input of a model of pictures.</summary>
    public const string Image = "image";

    /// <summary>The one input of a model of text, and the text that one of text gives out.</summary>
    public const string Text = "text";

    /// <summary>The version.</summary>
    public required ModelRef Ref { get; init; }

    /// <summary>What an input's bytes are.</summary>
    public required InputKind Kind { get; init; }

    /// <summary>The inputs; null for a pipeline of tensors without a model, which takes any.</summary>
    public IReadOnlyList<TensorMetadata>? Inputs { get; private init; }

    /// <summary>The outputs; null for a pipeline of tensors without a model, which gives back what it took.</summary>
    public IReadOnlyList<TensorMetadata>? Outputs { get; private init; }

    /// <summary>How callers see a version that an operator node has validated.</summary>
    public static ModelView Of(ModelStatus status)
    {
        var (manifest, report) = (status.Manifest, status.Report);
        return new()
        {
            Ref = status.Ref,
            Kind = manifest.Preprocess.Kind,
            Inputs = manifest.Preprocess.Kind switch
            {
                InputKind.Image => [new(Image, ElementType.Bytes, [1])],
                InputKind.Text => [new(Text, ElementType.Bytes, [1])],
                InputKind.Tensors => manifest.Model is null ? null : Of(report?.Inputs ?? []),
            },
            Outputs = manifest.Postprocess.Kind switch
            {
                OutputKind.Labels => Labels(),
                OutputKind.Detections => [.. Labels(), new("boxes", ElementType.Fp32, [-1, 4])],
                OutputKind.Text => [new(Text, ElementType.Bytes, [1]), new("tokens", ElementType.Int32, [-1])],
                OutputKind.Tensors => manifest.Model is null ? Prepared(manifest.Preprocess) : Of(report?.Outputs ?? []),
            },
        };
    }

    private static TensorMetadata[] Labels() =>
        [new("label", ElementType.Bytes, [-1]), new("score", ElementType.Fp32, [-1]), new("class", ElementType.Int32, [-1])];

    private static IReadOnlyList<TensorMetadata>? Prepared(Preprocessing preprocess) => preprocess switch
    {
        { Image: { Layout: TensorLayout.Nhwc } image } => [new(Image, ElementType.Fp32, [1, image.Height, image.Width, Channels(image)])],
        { Image: { } image } => [new(Image, ElementType.Fp32, [1, Channels(image), image.Height, image.Width])],
        { Tokenizer: not null } => [new("tokens", ElementType.Int64, [1, -1])],
        _ => null,
    };

    private static int Channels(ImageSteps image) => image.Channels == ChannelOrder.Grey ? 1 : 3;

    private static TensorMetadata[] Of(IReadOnlyList<TensorSpec> specs) =>
        [.. specs.Select(s => new TensorMetadata(s.Name, ElementTypes.OfGrid(s.Type) ?? ElementType.Bytes, s.Shape))];
}
