using Microsoft.ML.OnnxRuntime;

namespace PiGrid.Tests.OnnxRuntime;

/// <summary>Sessions as the tests need them: from bytes, with a known number of threads.</summary>
internal static class Sessions
{
    /// <summary>Loads a model; the session is the caller's to dispose.</summary>
    public static InferenceSession Load(byte[] model, int threads = 1)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        return new InferenceSession(model, options);
    }
}
