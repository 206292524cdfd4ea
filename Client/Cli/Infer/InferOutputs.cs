using System.Globalization;
using System.Text;

namespace PiGrid.Client.Cli;

/// <summary>The elements of an output as values that JSON and people can have.</summary>
internal static class InferOutputs
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The elements in their order: numbers, booleans or texts; bytes that are no text in base64, floats that JSON lacks as words.</summary>
    public static IReadOnlyList<object> ElementsOf(InferTensor tensor) => tensor.DataType switch
    {
        "BOOL" => Boxed<bool>(tensor),
        "UINT8" => Boxed<byte>(tensor),
        "UINT16" => Boxed<ushort>(tensor),
        "UINT32" => Boxed<uint>(tensor),
        "UINT64" => Boxed<ulong>(tensor),
        "INT8" => Boxed<sbyte>(tensor),
        "INT16" => Boxed<short>(tensor),
        "INT32" => Boxed<int>(tensor),
        "INT64" => Boxed<long>(tensor),
        "FP16" => [.. tensor.As<Half>().ToArray().Select(h => Finite((float)h))],
        "FP32" => [.. tensor.As<float>().ToArray().Select(Finite)],
        "FP64" => [.. tensor.As<double>().ToArray().Select(d => double.IsFinite(d) ? (object)d : d.ToString(CultureInfo.InvariantCulture))],
        "BF16" => [.. (tensor with { DataType = "UINT16" }).As<ushort>().ToArray().Select(b => Finite(BitConverter.UInt32BitsToSingle((uint)b << 16)))],
        _ => [.. tensor.Elements().Select(Text)],
    };

    private static object[] Boxed<T>(InferTensor tensor)
        where T : unmanaged => [.. tensor.As<T>().ToArray().Select(v => (object)v)];

    private static object Finite(float value) => float.IsFinite(value) ? value : value.ToString(CultureInfo.InvariantCulture);

    private static object Text(ReadOnlyMemory<byte> element)
    {
        try
        {
            return Strict.GetString(element.Span);
        }
        catch (DecoderFallbackException)
        {
            return Convert.ToBase64String(element.Span);
        }
    }
}
