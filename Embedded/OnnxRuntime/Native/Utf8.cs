using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>Text as the C API takes and gives it.</summary>
internal static unsafe class Utf8
{
    /// <summary>UTF-8 bytes with the closing zero.</summary>
    public static byte[] Bytes(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length) + 1];
        int length = Encoding.UTF8.GetBytes(text, bytes);
        Array.Resize(ref bytes, length + 1);
        return bytes;
    }

    /// <summary>A path as the platform spells it: UTF-16 on Windows, UTF-8 elsewhere; with the closing zero.</summary>
    public static byte[] Path(string path) => OperatingSystem.IsWindows() ? Encoding.Unicode.GetBytes(path + '\0') : Bytes(path);

    public static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    /// <summary>Reads a text that the default allocator owns, and frees it.</summary>
    public static string Take(byte* text)
    {
        try
        {
            return Text(text);
        }
        finally
        {
            OrtAllocator.DefaultInstance.Free(text);
        }
    }
}
