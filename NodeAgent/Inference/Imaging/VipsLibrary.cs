using System.Reflection;
using System.Runtime.InteropServices;

namespace PiGrid.Inference.Imaging;

/// <summary>
/// Loads libvips from beside the program and makes it safe for strangers' bytes: no loader but JPEG and PNG, one thread, no cache.
/// A libvips of the system is never taken instead: nodes must decode alike.
/// </summary>
internal static class VipsLibrary
{
    private static readonly Lazy<string?> Started = new(Start);

    private static string FileName => OperatingSystem.IsWindows() ? "libvips.dll"
        : OperatingSystem.IsMacOS() ? "libvips.dylib"
        : "libvips.so";

    /// <summary>Makes sure that the library is ready.</summary>
    /// <exception cref="DllNotFoundException">It is not there or does not start; the message says what to do.</exception>
    public static void Ensure()
    {
        if (Started.Value is { } error)
        {
            throw new DllNotFoundException(error);
        }
    }

    /// <summary>What libvips says of the last failure, on one line.</summary>
    public static string TakeError()
    {
        var copy = Vips.ErrorBufferCopy();
        try
        {
            var lines = (Marshal.PtrToStringUTF8(copy) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return lines.Length == 0 ? "no reason given" : string.Join("; ", lines.Distinct().Take(3));
        }
        finally
        {
            Vips.Free(copy);
        }
    }

    private static unsafe string? Start()
    {
        var path = Path.Combine(AppContext.BaseDirectory, FileName);
        if (!NativeLibrary.TryLoad(path, out var handle))
        {
            return $"The native picture library {path} is missing or does not load. The build brings it for programs whose project "
                + "sets <PiGridNative>true</PiGridNative>: build or publish the program again, or copy the library beside it.";
        }

        NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), (name, _, _) => name == Vips.Library ? handle : 0);
        if (Vips.Init("pigrid") != 0)
        {
            return $"The native picture library {path} does not start: {TakeError()}.";
        }

        // Broken pictures make libvips warn; a stranger's input must not write into the volunteer's log.
        const int everyLevel = ~3; // All but the recursion and fatal flags.
        Vips.LogSetHandler("VIPS", everyLevel, &Ignore, 0);
        Vips.ConcurrencySet(1);
        Vips.CacheSetMax(0);
        Vips.BlockUntrustedSet(1);
        Vips.OperationBlockSet("VipsForeignLoad", 1);
        Vips.OperationBlockSet("VipsForeignLoadJpeg", 0);
        Vips.OperationBlockSet("VipsForeignLoadPng", 0);
        return null;
    }

    [UnmanagedCallersOnly]
    private static unsafe void Ignore(byte* domain, int level, byte* message, void* data)
    {
        // Deliberately nothing: what matters comes back as an error.
    }
}
