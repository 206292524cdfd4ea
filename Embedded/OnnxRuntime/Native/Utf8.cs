using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>Text as the C API takes and gives it.</summary>
internal static unsafe class Utf8
{
    /// <summary>UTF-8 bytes with the closing zero, at a place that stays theirs while they are referenced.</summary>
    public static byte[] Bytes(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(text) + 1, pinned: true);
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    /// <summary>Where texts made by <see cref="Bytes"/> lie; the caller keeps them referenced.</summary>
    public static nint[] Addresses(byte[][] texts) => Array.ConvertAll(texts, text => Marshal.UnsafeAddrOfPinnedArrayElement(text, 0));

    /// <summary>A text that ends with a zero.</summary>
    public static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
