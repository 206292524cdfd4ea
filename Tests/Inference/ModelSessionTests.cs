using Microsoft.ML.OnnxRuntime;
using PiGrid.Inference;
using PiGrid.Inference.Sessions;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference;

/// <summary>Sessions, their providers, and that pipelines give what ONNX Runtime gives directly.</summary>
public class ModelSessionTests
{
    [Fact]
    public void Cpu_IsUsableEverywhere() => Assert.Equal(new("cpu", true, null), ProviderTrials.Try(ExecutionProvider.Cpu));

    [Fact]
    public void Providers_AreTriedWithAReasonForEachThatFails()
    {
        var trials = ProviderTrials.Run();

        Assert.Equal(["cuda", "coreml", "directml", "webgpu", "cpu"], trials.Select(t => t.Name));
        Assert.All(trials, t => Assert.Equal(t.Usable, string.IsNullOrEmpty(t.Reason)));
    }

    [Fact]
    public void Provider_WhenItFails_FallsBackToTheCpuAndSaysWhy()
    {
        foreach (var trial in ProviderTrials.Run().Where(t => !t.Usable))
        {
            using var session = ModelSession.Load(OnnxModels.Add(2), ExecutionProviders.Parse(trial.Name)!.Value);

            Assert.Equal(ExecutionProvider.Cpu, session.Provider);
            Assert.StartsWith($"{trial.Name}: ", session.FallbackReason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Library_IsNamedWithItsVersion() => Assert.Matches(@"^onnxruntime 1\.\d+\.\d+", ModelSession.Library);

    [TestDataTheory]
    [InlineData("yolox_nano", "photos/dog.jpg")]
    [InlineData("nanodet_m_320", "photos/person.jpg")]
    [InlineData("squeezenet", "photos/chelsea.png")]
    [InlineData("mnist", "digits/7.jpg")]
    public void Pipeline_AgainstADirectRunOfTheModel_GivesTheSameTensors(string model, string input)
    {
        var labelled = RealModels.Manifest(model);
        var raw = labelled with
        {
            Postprocess = new() { Kind = PiGrid.Models.OutputKind.Tensors }, Comparator = new() { Kind = ComparatorKind.Tensors }, Files = [],
        };
        using var pipeline = Pipeline.Load(raw, PipelineFiles.FromFolder(raw, TestData.Folder!));
        using var before = Pipeline.Load(raw with { Model = null, Inputs = null, Outputs = null }, new());

        var prepared = Assert.Single(before.Run(RealModels.Input(input)).Output.Tensors!);
        var given = pipeline.Run(RealModels.Input(input)).Output.Tensors!;

        using var quiet = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using var direct = new InferenceSession(File.ReadAllBytes(TestData.File(labelled.Model!.File)), quiet);
        var floats = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(prepared.Data).ToArray();
        using var value = OrtValue.CreateTensorValueFromMemory(floats, [.. prepared.Shape]);
        using var options = new RunOptions();
        using var wanted = direct.Run(options, direct.InputNames, [value], direct.OutputNames);
        for (var i = 0; i < given.Count; i++)
        {
            Assert.Equal(direct.OutputNames[i], given[i].Name);
            AssertNear(wanted[i].GetTensorDataAsSpan<float>(), System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(given[i].Data));
        }
    }

    /// <summary>Within the comparator's default tolerance for tensors.</summary>
    private static void AssertNear(ReadOnlySpan<float> wanted, ReadOnlySpan<float> given)
    {
        Assert.Equal(wanted.Length, given.Length);
        for (var i = 0; i < wanted.Length; i++)
        {
            Assert.True(Math.Abs(wanted[i] - given[i]) <= 1e-3 + (1e-3 * Math.Abs(wanted[i])), $"element {i}: {wanted[i]} and {given[i]}");
        }
    }
}
