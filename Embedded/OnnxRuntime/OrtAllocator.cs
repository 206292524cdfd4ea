using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Where native values take their memory from.</summary>
public sealed unsafe class OrtAllocator
{
    private static readonly Lazy<OrtAllocator> Default = new(() => new OrtAllocator(), LazyThreadSafetyMode.PublicationOnly);

    private OrtAllocator()
    {
        nint allocator, info;
        Status.Verify(Api.Current.GetDefaultAllocator(&allocator));
        Status.Verify(Api.Current.GetMemoryInfo(allocator, &info));
        (Pointer, MemoryInfo) = (allocator, info);
    }

    /// <summary>The allocator of ordinary memory, which the library owns.</summary>
    public static OrtAllocator DefaultInstance => Default.Value;

    internal nint Pointer { get; }

    /// <summary>Describes its memory; it lives as long as the allocator.</summary>
    internal nint MemoryInfo { get; }

    /// <summary>Reads a text that the allocator owns, and frees it.</summary>
    internal string Take(byte* text)
    {
        string copy = Utf8.Text(text);
        Status.Verify(Api.Current.Free(Pointer, text));
        return copy;
    }
}
