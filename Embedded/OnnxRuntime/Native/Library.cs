using System.Reflection;
using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>Finds the native ONNX Runtime library that the build places beside the program.</summary>
internal static class Library
{
    private static string FileName => OperatingSystem.IsWindows() ? "onnxruntime.dll"
        : OperatingSystem.IsMacOS() ? "libonnxruntime.dylib"
        : "libonnxruntime.so";

    /// <summary>Loads the library and returns its handle; it is never unloaded.</summary>
    /// <exception cref="DllNotFoundException">No candidate loads; the message lists each with its reason.</exception>
    public static nint Load()
    {
        List<string> reasons = [];
        foreach (string path in Candidates())
        {
            if (!File.Exists(path))
            {
                reasons.Add($"{path}: not there");
                continue;
            }
            try
            {
                return NativeLibrary.Load(path);
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                reasons.Add($"{path}: {e.Message}");
            }
        }
        throw new DllNotFoundException(
            $"The native ONNX Runtime library {FileName} could not be loaded ({string.Join("; ", reasons)}). "
            + "The build brings it for programs whose project sets <PiGridNative>true</PiGridNative>: build or publish the "
            + "program again, or copy the library beside it. On Windows it also needs the Visual C++ 2022 runtime.");
    }

    private static IEnumerable<string> Candidates()
    {
        string besideProgram = AppContext.BaseDirectory;
        yield return Path.Combine(besideProgram, FileName);
        yield return Path.Combine(besideProgram, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", FileName);
        // Beside this assembly, for programs that load it from elsewhere. Empty in a single-file program.
#pragma warning disable IL3000
        string location = Assembly.GetExecutingAssembly().Location;
#pragma warning restore IL3000
        if (Path.GetDirectoryName(location) is { Length: > 0 } folder && !besideProgram.StartsWith(folder, StringComparison.Ordinal))
        {
            yield return Path.Combine(folder, FileName);
        }
    }
}
