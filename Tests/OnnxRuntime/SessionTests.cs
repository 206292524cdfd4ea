using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace PiGrid.Tests.OnnxRuntime;

/// <summary>What the product relies on in ONNX Runtime's API; the same tests hold for the official package and the embedded one.</summary>
public class SessionTests
{
    private static readonly TimeSpan RunEndsWithin = TimeSpan.FromSeconds(30);

    [Fact]
    public void Environment_WhenAsked_NamesItsVersion()
    {
        OrtEnv env = OrtEnv.Instance();

        Assert.Same(env, OrtEnv.Instance());
        Assert.Matches(@"^1\.\d+\.\d+", env.GetVersionString());
    }

    [Fact]
    public void Session_WhenRun_AddsTensors()
    {
        using InferenceSession session = Sessions.Load(OnnxModels.Add(2, 2));
        using OrtValue a = OrtValue.CreateTensorValueFromMemory(new float[] { 1, 2, 3, 4 }, [2, 2]);
        using OrtValue b = OrtValue.CreateTensorValueFromMemory(new float[] { 10, 20, 30, 40 }, [2, 2]);
        using var options = new RunOptions();

        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, ["a", "b"], [a, b], ["y"]);

        Assert.Equal([11, 22, 33, 44], results[0].GetTensorDataAsSpan<float>().ToArray());
        Assert.Equal([2L, 2L], results[0].GetTensorTypeAndShape().Shape);
    }

    [Fact]
    public void Session_WhenLoaded_DescribesItsInputsAndOutputs()
    {
        using InferenceSession session = Sessions.Load(OnnxModels.Identity(TensorElementType.Float, 2, OnnxModels.Open));

        NodeMetadata x = session.InputMetadata["x"];
        Assert.Equal(["x"], session.InputNames);
        Assert.Equal(["y"], session.OutputNames);
        Assert.Equal([2, -1], x.Dimensions);
        Assert.Equal(OnnxValueType.ONNX_TYPE_TENSOR, x.OnnxValueType);
        Assert.True(x.IsTensor);
        Assert.Equal(TensorElementType.Float, session.OutputMetadata["y"].ElementDataType);
    }

    [Fact]
    public void SessionOptions_WhenSet_KeepTheirValuesAndLoad()
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            EnableMemoryPattern = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        options.AddSessionConfigEntry("session.x64quantprecision", "1");

        using var session = new InferenceSession(OnnxModels.Add(1), options);

        Assert.Equal(1, options.IntraOpNumThreads);
        Assert.Equal(GraphOptimizationLevel.ORT_ENABLE_ALL, options.GraphOptimizationLevel);
        Assert.False(options.EnableMemoryPattern);
        Assert.Equal(["a", "b"], session.InputNames);
    }

    [Fact]
    public void Provider_WhenUnknown_IsRefused()
    {
        using var options = new SessionOptions();

        Assert.Throws<OnnxRuntimeException>(() => options.AppendExecutionProvider("NoSuchProvider", new() { ["key"] = "value" }));
    }

    [Fact]
    public async Task Run_WhenTerminated_EndsAnEndlessLoop()
    {
        using InferenceSession session = Sessions.Load(OnnxModels.EndlessLoop());
        using OrtValue x = OrtValue.CreateTensorValueFromMemory(new float[] { 1 }, [1]);
        using var options = new RunOptions();
        var entered = new TaskCompletionSource();
        Task run = Task.Factory.StartNew(
            () =>
            {
                entered.SetResult();
                session.Run(options, ["x"], [x], ["y"]).Dispose();
            },
            TaskCreationOptions.LongRunning);
        await entered.Task;

        options.Terminate = true;

        OnnxRuntimeException error = await Assert.ThrowsAsync<OnnxRuntimeException>(() => run.WaitAsync(RunEndsWithin));
        Assert.Contains("terminate", error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.True(options.Terminate);
    }

    [Fact]
    public void RunOptions_WhenTerminateIsTakenBack_RunAgain()
    {
        using InferenceSession session = Sessions.Load(OnnxModels.Add(1));
        using OrtValue a = OrtValue.CreateTensorValueFromMemory(new float[] { 1 }, [1]);
        using var options = new RunOptions { Terminate = true };
        Assert.Throws<OnnxRuntimeException>(() => session.Run(options, ["a", "b"], [a, a], ["y"]));

        options.Terminate = false;

        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, ["a", "b"], [a, a], ["y"]);
        Assert.Equal(2, results[0].GetTensorDataAsSpan<float>()[0]);
    }

    [Fact]
    public void Session_WhenRunByManyThreads_AnswersEachItsOwn()
    {
        using InferenceSession session = Sessions.Load(OnnxModels.Add(1));
        var sums = new float[64];

        Parallel.For(0, sums.Length, i =>
        {
            using OrtValue a = OrtValue.CreateTensorValueFromMemory(new float[] { i }, [1]);
            using var options = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, ["a", "b"], [a, a], ["y"]);
            sums[i] = results[0].GetTensorDataAsSpan<float>()[0];
        });

        Assert.Equal(Enumerable.Range(0, sums.Length).Select(i => 2f * i), sums);
    }
}
