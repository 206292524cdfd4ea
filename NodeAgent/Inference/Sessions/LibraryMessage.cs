using System.Text.RegularExpressions;

namespace PiGrid.Inference.Sessions;

/// <summary>Makes ONNX Runtime's messages fit to be shown: one line, without the places in its own source, of bounded length.</summary>
internal static partial class LibraryMessage
{
    private const int LengthMax = 600;

    /// <summary>The message without what helps only the library's authors.</summary>
    public static string Clean(string message)
    {
        var clean = WhiteSpace().Replace(SourcePlace().Replace(message, ""), " ").Trim();
        return clean.Length <= LengthMax ? clean : clean[..LengthMax] + "…";
    }

    /// <summary>
    /// Such as <c>/onnxruntime_src/onnxruntime/core/graph/model.cc:190 onnxruntime::Model::Model(...)</c>, up to the message proper; with the
    /// condition that did not hold, when a message follows it.
    /// </summary>
    [GeneratedRegex(@"(?<!\S)\S*[/\\]\S+\.(cc|h|cpp):\d+(:\d+)?( (in )?function)?\s*(\S.{0,500}? was false\.\s+(?=\S))?")]
    private static partial Regex SourcePlace();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
