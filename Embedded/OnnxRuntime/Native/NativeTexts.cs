using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>Texts in native memory for the length of a call, or of a session.</summary>
internal sealed unsafe class NativeTexts(int capacity) : IDisposable
{
    private readonly List<nint> _texts = new(capacity);

    public byte* Add(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        nint copy = Marshal.StringToCoTaskMemUTF8(text);
        _texts.Add(copy);
        return (byte*)copy;
    }

    public void Dispose()
    {
        foreach (nint text in _texts)
        {
            Marshal.FreeCoTaskMem(text);
        }
        _texts.Clear();
    }
}
