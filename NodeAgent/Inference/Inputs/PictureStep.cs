using Microsoft.ML.OnnxRuntime;
using PiGrid.Inference.Imaging;
using PiGrid.Models;

namespace PiGrid.Inference.Inputs;

/// <summary>Decodes a picture and lays it into the model's one input, in memory that is reused from picture to picture.</summary>
internal sealed class PictureStep : IInputStep
{
    private readonly PictureTensor _tensor;
    private readonly long _pixelsMax;
    private readonly OrtValue _value;
    private readonly Action? _convert;

    /// <param name="steps">The way from picture to tensor.</param>
    /// <param name="pixelsMax">The most pixels of a picture.</param>
    /// <param name="type">The element type of the model's input: <c>float32</c>, <c>float16</c> or <c>uint8</c>.</param>
    public PictureStep(ImageSteps steps, long pixelsMax, string type)
    {
        _tensor = new(steps);
        _pixelsMax = pixelsMax;
        switch (type)
        {
            case "uint8":
                var bytes = new byte[_tensor.Data.Length];
                _value = OrtValue.CreateTensorValueFromMemory(bytes, _tensor.Shape);
                _convert = () => ToBytes(_tensor.Data, bytes);
                break;
            case "float16":
                var halves = new Float16[_tensor.Data.Length];
                _value = OrtValue.CreateTensorValueFromMemory(halves, _tensor.Shape);
                _convert = () => ToHalves(_tensor.Data, halves);
                break;
            default:
                _value = OrtValue.CreateTensorValueFromMemory(_tensor.Data, _tensor.Shape);
                break;
        }
    }

    /// <summary>The element types that a picture can become.</summary>
    public static IReadOnlyList<string> Types { get; } = ["float32", "float16", "uint8"];

    public IReadOnlyList<string> Names { get; } = ["image"];

    public PreparedInput Prepare(ReadOnlySpan<byte> input)
    {
        var geometry = _tensor.Fill(PictureDecoder.Decode(input, _pixelsMax));
        _convert?.Invoke();
        return new() { Values = [_value], Geometry = geometry };
    }

    public void Dispose() => _value.Dispose();

    private static void ToBytes(float[] from, byte[] to)
    {
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = (byte)Math.Clamp(MathF.Round(from[i]), 0, 255);
        }
    }

    private static void ToHalves(float[] from, Float16[] to)
    {
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = new(BitConverter.HalfToUInt16Bits((Half)from[i]));
        }
    }
}
