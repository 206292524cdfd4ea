using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>Finds the native ONNX Runtime library that the build places beside the program.</summary>
internal static class Library
{
    private static string FileName => OperatingSystem.IsWindows() ? "onnxruntime.dll"
        : OperatingSystem.IsMacOS() ? "libonnxruntime.dylib"
        : "libonnxruntime.so";

    /// <summary>Loads the library and returns its handle; it is never unloaded.</summary>
    /// <exception cref="DllNotFoundException">It is not there or does not load; the message says where it must lie.</exception>
    public static nint Load()
    {
        string path = Path.Combine(AppContext.BaseDirectory, FileName);
        string reason = "it is not there";
        try
        {
            if (File.Exists(path))
            {
                return NativeLibrary.Load(path);
            }
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            reason = e.Message;
        }
        throw new DllNotFoundException(
            $"The native ONNX Runtime library {path} could not be loaded: {reason}. "
            + "The build brings it for programs whose project sets <PiGridNative>true</PiGridNative>: build or publish the "
            + "program again, or copy the library beside it. On Windows it also needs the Visual C++ 2022 runtime.");
    }
}
