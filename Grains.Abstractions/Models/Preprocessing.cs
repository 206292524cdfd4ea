namespace PiGrid.Models;

/// <summary>From the bytes of an input to the model's input tensors.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.Preprocessing")]
public sealed record Preprocessing
{
    /// <summary>What the input's bytes are.</summary>
    [Id(0)]
    public required InputKind Kind { get; init; }

    /// <summary>How a picture becomes a tensor; required for pictures, absent otherwise.</summary>
    [Id(1)]
    public ImageSteps? Image { get; init; }

    /// <summary>How text becomes tokens; required for text, absent otherwise.</summary>
    [Id(2)]
    public TokenizerSpec? Tokenizer { get; init; }
}

/// <summary>What the bytes of an input are.</summary>
[GenerateSerializer, Alias("PiGrid.InputKind")]
public enum InputKind
{
    /// <summary>A JPEG or PNG picture.</summary>
    Image,

    /// <summary>UTF-8 text.</summary>
    Text,

    /// <summary>Tensors by name: a JSON array of <see cref="Verification.TensorData"/>.</summary>
    Tensors,
}

/// <summary>
/// A picture's way into a tensor: decode, orient (EXIF), resize by <see cref="Fit"/>, order channels, then
/// <c>(value * scale - mean) / std</c> per channel, then lay out as N=1.
/// </summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ImageSteps")]
public sealed record ImageSteps
{
    /// <summary>The tensor's width in pixels, 1 to 8,192.</summary>
    [Id(0)]
    public required int Width { get; init; }

    /// <summary>The tensor's height in pixels, 1 to 8,192.</summary>
    [Id(1)]
    public required int Height { get; init; }

    /// <summary>How the picture is brought to that size.</summary>
    [Id(2)]
    public ImageFit Fit { get; init; } = ImageFit.Letterbox;

    /// <summary>For <see cref="ImageFit.CentreCrop"/>: the length in pixels that the short side is resized to before cropping; at least the tensor's sides.</summary>
    [Id(3)]
    public int? ShortSide { get; init; }

    /// <summary>For letterboxes: the value 0 to 255 of the border, before normalisation.</summary>
    [Id(4)]
    public double Pad { get; init; }

    /// <summary>The order of channels.</summary>
    [Id(5)]
    public ChannelOrder Channels { get; init; } = ChannelOrder.Rgb;

    /// <summary>The factor for values 0 to 255; 0.00392156862745098 brings them to 0..1.</summary>
    [Id(6)]
    public double Scale { get; init; } = 1;

    /// <summary>What is subtracted, per channel in the tensor's order; empty for none.</summary>
    [Id(7)]
    public IReadOnlyList<double> Mean { get; init; } = [];

    /// <summary>What is divided by, per channel in the tensor's order; empty for none, never 0.</summary>
    [Id(8)]
    public IReadOnlyList<double> Std { get; init; } = [];

    /// <summary>The order of the tensor's dimensions.</summary>
    [Id(9)]
    public TensorLayout Layout { get; init; } = TensorLayout.Nchw;
}

/// <summary>How a picture is brought to the tensor's size; resizing is bilinear with pixel centres at half coordinates.</summary>
[GenerateSerializer, Alias("PiGrid.ImageFit")]
public enum ImageFit
{
    /// <summary>Keep the ratio, picture at the top left, border to the right and below.</summary>
    Letterbox,

    /// <summary>Keep the ratio, picture in the middle.</summary>
    LetterboxCentred,

    /// <summary>Give up the ratio.</summary>
    Stretch,

    /// <summary>Resize the short side, then cut the middle out.</summary>
    CentreCrop,
}

/// <summary>The order of colour channels.</summary>
[GenerateSerializer, Alias("PiGrid.ChannelOrder")]
public enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red.</summary>
    Bgr,

    /// <summary>One channel, 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).</summary>
    Grey,
}

/// <summary>The order of a picture tensor's dimensions.</summary>
[GenerateSerializer, Alias("PiGrid.TensorLayout")]
public enum TensorLayout
{
    /// <summary>Batch, channel, row, column.</summary>
    Nchw,

    /// <summary>Batch, row, column, channel.</summary>
    Nhwc,
}

/// <summary>A byte-pair tokenizer.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.TokenizerSpec")]
public sealed record TokenizerSpec
{
    /// <summary>Its file among the manifest's files, in the format of llama2.c's <c>tokenizer.bin</c>.</summary>
    [Id(0)]
    public required string File { get; init; }

    /// <summary>The number of tokens in the file, 1 to 1,000,000.</summary>
    [Id(1)]
    public required int VocabularySize { get; init; }

    /// <summary>The token put before the prompt; none when absent.</summary>
    [Id(2)]
    public int? Bos { get; init; } = 1;
}
