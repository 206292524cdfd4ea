using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace PiGrid.Tests.OnnxRuntime;

/// <summary>What is wrong with a model or an input comes back as an exception with the library's own words.</summary>
public class BadModelTests
{
    [Fact]
    public void Session_WhenModelIsGarbage_SaysSo() => AssertRefused(Encoding.UTF8.GetBytes("this is no model at all, not even nearly"), "protobuf");

    [Fact]
    public void Session_WhenModelIsTruncated_SaysSo() => AssertRefused(OnnxModels.Add(2)[..^9], "protobuf");

    [Fact]
    public void Session_WhenOperatorIsUnknown_NamesIt() => AssertRefused(OnnxModels.UnknownOperator(), "NoSuchOperator");

    [Fact]
    public void Session_WhenModelIsEmpty_IsRefused() => Assert.Throws<OnnxRuntimeException>(() => Sessions.Load([]));

    [Fact]
    public void Run_WhenShapeDoesNotFit_SaysExpectedAndGot()
    {
        using InferenceSession session = Sessions.Load(OnnxModels.Add(2, 3));
        using OrtValue a = OrtValue.CreateTensorValueFromMemory(new float[6], [3, 2]);

        Assert.Contains("Expected", RunError(session, ["a", "b"], [a, a], ["y"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WhenTypeDoesNotFit_IsRefused()
    {
        using InferenceSession session = Sessions.Load(OnnxModels.Add(2));
        using OrtValue a = OrtValue.CreateTensorValueFromMemory(new double[2], [2]);

        Assert.Contains("float", RunError(session, ["a", "b"], [a, a], ["y"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("z", "y", "'z'")]
    [InlineData("a", "q", "'q'")]
    public void Run_WhenNameIsUnknown_NamesIt(string input, string output, string named)
    {
        using InferenceSession session = Sessions.Load(OnnxModels.Add(1));
        using OrtValue a = OrtValue.CreateTensorValueFromMemory(new float[1], [1]);

        Assert.Contains(named, RunError(session, [input, "b"], [a, a], [output]), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WhenInputIsMissing_IsRefused()
    {
        using InferenceSession session = Sessions.Load(OnnxModels.Add(1));
        using OrtValue a = OrtValue.CreateTensorValueFromMemory(new float[1], [1]);

        Assert.Contains("b", RunError(session, ["a"], [a], ["y"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Value_WhenMemoryIsTooSmall_IsRefused()
    {
        Assert.Throws<OnnxRuntimeException>(() => OrtValue.CreateTensorValueFromMemory(new float[5], [2, 3]));
        Assert.ThrowsAny<ArgumentException>(() => OrtValue.CreateTensorValueFromMemory(new float[5], [-1]));
    }

    [Fact]
    public void Value_WhenReadAsAnotherType_IsRefused()
    {
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(new float[2], [2]);

        Assert.Throws<OnnxRuntimeException>(() => value.GetTensorDataAsSpan<int>().Length);
        Assert.Throws<OnnxRuntimeException>(() => value.GetTensorDataAsSpan<Float16>().Length);
    }

    private static void AssertRefused(byte[] model, string named)
    {
        OnnxRuntimeException error = Assert.Throws<OnnxRuntimeException>(() => Sessions.Load(model));
        Assert.StartsWith("[ErrorCode:", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static string RunError(InferenceSession session, string[] inputs, OrtValue[] values, string[] outputs)
    {
        using var options = new RunOptions();
        return Assert.Throws<OnnxRuntimeException>(() => session.Run(options, inputs, values, outputs)).Message;
    }
}
