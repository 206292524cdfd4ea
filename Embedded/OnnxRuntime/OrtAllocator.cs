using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Where native values take their memory from.</summary>
public sealed unsafe class OrtAllocator
{
    private static readonly Lazy<OrtAllocator> Default = new(Create, LazyThreadSafetyMode.PublicationOnly);

    private OrtAllocator(nint pointer) => Pointer = pointer;

    /// <summary>The CPU allocator that the library owns.</summary>
    public static OrtAllocator DefaultInstance => Default.Value;

    internal nint Pointer { get; }

    internal void Free(void* memory)
    {
        if (memory is not null)
        {
            Status.Verify(Api.Current.AllocatorFree(Pointer, memory));
        }
    }

    private static OrtAllocator Create()
    {
        nint allocator;
        Status.Verify(Api.Current.GetDefaultAllocator(&allocator));
        return new OrtAllocator(allocator);
    }
}

/// <summary>Describes where a value's memory lies.</summary>
public sealed unsafe class OrtMemoryInfo
{
    private const int ArenaAllocator = 1;
    private const int DefaultMemory = 0;

    private static readonly Lazy<OrtMemoryInfo> Cpu = new(Create, LazyThreadSafetyMode.PublicationOnly);

    private OrtMemoryInfo(nint pointer) => Pointer = pointer;

    /// <summary>Ordinary memory of this process. It lives as long as the process.</summary>
    public static OrtMemoryInfo DefaultInstance => Cpu.Value;

    internal nint Pointer { get; }

    private static OrtMemoryInfo Create()
    {
        nint info;
        Status.Verify(Api.Current.CreateCpuMemoryInfo(ArenaAllocator, DefaultMemory, &info));
        return new OrtMemoryInfo(info);
    }
}
