using PiGrid.Inference;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference.Batching;

/// <summary>Several inputs at once give what each alone gives, whatever the model and the inputs are.</summary>
public class PipelineBatchTests
{
    [Fact]
    public void Batch_OfAModelOfRows_GivesWhatEachInputAloneGives()
    {
        using var pipeline = Proven(BatchModels.Classifier);
        byte[][] inputs = [.. Enumerable.Range(1, 40).Select(BatchModels.Row)];

        AssertSame(pipeline, inputs, pipeline.RunBatch(inputs));
        Assert.Equal(16, pipeline.BatchMax);
    }

    [Fact]
    public void Batch_OfInputsOfSeveralRows_SharesOneRunByRows()
    {
        using var pipeline = Proven(BatchModels.Classifier);
        byte[][] inputs = [BatchModels.Row(1), BatchModels.Input([.. Enumerable.Range(0, 12).Select(i => i / 12f)])];

        var runs = pipeline.RunBatch(inputs);

        AssertSame(pipeline, inputs, runs);
        Assert.Equal([3, 3], runs[1].Output.Tensors![0].Shape);
        Assert.InRange(runs[0].ModelMs, double.Epsilon, runs[0].TotalMs);
        Assert.Equal(3 * runs[0].ModelMs, runs[1].ModelMs, 9);
    }

    [Fact]
    public void Batch_OfPictures_GivesTheirLabels()
    {
        var model = Manifests.OneOperator("Identity", Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, [OnnxModels.Open, 1, 2, 2], [OnnxModels.Open, 1, 2, 2]);
        using var pipeline = Pipeline.Load(Manifests.Labels, new() { Model = model });
        byte[][] inputs = [.. Enumerable.Range(0, 12).Select(i => TestPictures.Png(2, 2, 8, 0, [1, (byte)(2 + i), 30, 7]))];

        for (var i = 0; i < 2; i++)
        {
            var runs = pipeline.RunBatch(inputs);
            Assert.All(runs, (run, at) => Assert.Equal([(2, 30.0), at >= 5 ? (1, 2.0 + at) : (3, 7.0)], run.Output.Labels!.Select(l => (l.Class, l.Score))));
        }
    }

    [Fact]
    public void Batch_WithBadInputs_LeavesTheGoodOnesAlone()
    {
        using var pipeline = Proven(BatchModels.Roots, new() { InputBytes = 400 });
        byte[][] inputs =
        [
            BatchModels.Input(1, 4, 9, 16), "no tensors"u8.ToArray(), BatchModels.Input(4, -4, 4, 4), new byte[401], BatchModels.Input(), BatchModels.Input(25, 0, 1, 4),
            Manifests.Input(Manifests.Floats("x", [1, 3], 1, 2, 3)), Manifests.Input(Manifests.Floats("z", [1, 4], 1, 2, 3, 4)),
        ];

        var runs = pipeline.RunBatch(inputs);

        AssertSame(pipeline, inputs, runs);
        Assert.Equal([1, 2, 3, 4], BatchModels.Floats(runs[0]));
        Assert.Equal([5, 0, 1, 2], BatchModels.Floats(runs[5]));
        ItemErrorCode?[] errors =
        [
            null, ItemErrorCode.Undecodable, ItemErrorCode.ModelFailed, ItemErrorCode.TooLarge, null, null, ItemErrorCode.ShapeMismatch, ItemErrorCode.ShapeMismatch,
        ];
        Assert.Equal(errors, runs.Select(r => r.Output.Error?.Code));
        Assert.Equal(16, pipeline.BatchMax);
    }

    public static TheoryData<string> NoBatches => new("softmax", "sums", "twice");

    [Theory]
    [MemberData(nameof(NoBatches))]
    public void Batch_OfAModelWhoseRowsBelongTogether_IsFoundOutAtOnce(string name)
    {
        using var pipeline = BatchModels.Load(Model(name));
        byte[][] inputs = [BatchModels.Row(1), BatchModels.Row(2), BatchModels.Row(3)];
        Assert.Equal(16, pipeline.BatchMax);

        AssertSame(pipeline, inputs, pipeline.RunBatch(inputs));

        Assert.Equal(1, pipeline.BatchMax);
        AssertSame(pipeline, inputs, pipeline.RunBatch(inputs));
    }

    [Fact]
    public void Batch_OfAModelThatTakesOneRow_IsRunOneByOneAndBatchesShrink()
    {
        using var pipeline = BatchModels.Load(BatchModels.OneRow);
        byte[][] inputs = [BatchModels.Row(1), BatchModels.Row(2)];

        AssertSame(pipeline, inputs, pipeline.RunBatch(inputs));
        Assert.Equal(8, pipeline.BatchMax);
    }

    [Fact]
    public void Batch_OfMoreThanItsMemoryAllows_IsRunInParts()
    {
        // Of the 64 MiB, a batch has 2; the inputs have 1, 1, 1 and 3.
        using var pipeline = Proven(BatchModels.Roots, new() { MemoryMib = 64 });
        byte[][] inputs = [.. Enumerable.Range(0, 4).Select(at => at < 3 ? 1 : 3).Select(mib => BatchModels.Input([.. Enumerable.Range(0, mib << 18).Select(i => (float)i)]))];

        AssertSame(pipeline, inputs, pipeline.RunBatch(inputs));
        Assert.Equal(16, pipeline.BatchMax);
    }

    [Fact]
    public void Batch_OfAModelOfFixedSize_IsRunOneByOne()
    {
        using var pipeline = Pipeline.Load(Manifests.Tensors, new() { Model = OnnxModels.Add(2) });
        byte[][] inputs = [.. Enumerable.Range(0, 3).Select(i => Manifests.Input(Manifests.Floats("a", [2], i, 1), Manifests.Floats("b", [2], 1, i)))];

        Assert.Equal(1, pipeline.BatchMax);
        Assert.All(pipeline.RunBatch(inputs), (run, i) => Assert.Equal([i + 1, i + 1], BatchModels.Floats(run)));
        Assert.Empty(pipeline.RunBatch([]));
    }

    [Fact]
    public void Batch_WithoutAModel_IsRunOneByOne()
    {
        using var pipeline = Pipeline.Load(Manifests.Tensors with { Model = null }, new());

        Assert.Equal(1, pipeline.BatchMax);
        Assert.Equal([1, 2, 3, 4], BatchModels.Floats(pipeline.RunBatch([BatchModels.Input(1, 2, 3, 4), BatchModels.Row(1)])[0]));
    }

    [Fact]
    public void Batch_OfInputsThatAreTheSame_ProvesNothing()
    {
        // Of nothing but zeros, sums look as if rows had nothing to do with each other.
        using var pipeline = BatchModels.Load(BatchModels.Sums);
        byte[][] zeros = [BatchModels.Input(0, 0, 0, 0), BatchModels.Input(0, 0, 0, 0), BatchModels.Input(0, 0, 0, 0)];
        for (var i = 0; i < 10; i++)
        {
            AssertSame(pipeline, zeros, pipeline.RunBatch(zeros));
        }

        byte[][] inputs = [BatchModels.Row(1), BatchModels.Row(2)];
        AssertSame(pipeline, inputs, pipeline.RunBatch(inputs));
        Assert.Equal(1, pipeline.BatchMax);
    }

    [Fact]
    public void Batch_OfAModelThatSeldomMixesRows_IsFoundOutByTheOneInSixtyFour()
    {
        using var pipeline = Proven(BatchModels.Touchy);
        byte[][] quiet = [BatchModels.Row(1), BatchModels.Row(2)];
        for (var i = 0; i < 63; i++)
        {
            AssertSame(pipeline, quiet, pipeline.RunBatch(quiet));
        }

        Assert.Equal(16, pipeline.BatchMax);
        byte[][] loud = [BatchModels.Row(1), BatchModels.Row(1_000)];
        AssertSame(pipeline, loud, pipeline.RunBatch(loud));
        Assert.Equal(1, pipeline.BatchMax);
    }

    [Fact]
    public void Batch_OverTheTimeLimit_IsRunOneByOneUnderTheLimitOfOne()
    {
        using var pipeline = BatchModels.Load(BatchModels.Endless, time: new HurriedTime());

        Assert.All(
            pipeline.RunBatch([BatchModels.Row(1), BatchModels.Row(2)]), run => Assert.Equal(ItemErrorCode.TimedOut, run.Output.Error!.Code));
        Assert.Equal(16, pipeline.BatchMax);
    }

    [Fact]
    public async Task Batch_WhenCancelled_Ends()
    {
        using var pipeline = BatchModels.Load(BatchModels.Endless);
        using var cancel = new CancellationTokenSource();
        var run = Task.Run(() => pipeline.RunBatch([BatchModels.Row(1), BatchModels.Row(2)], cancel.Token));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    /// <summary>A pipeline of whose batches enough was compared.</summary>
    internal static Pipeline Proven(byte[] model, PiGrid.Models.ManifestLimits? limits = null)
    {
        var pipeline = BatchModels.Load(model, limits);
        byte[][] inputs = [.. Enumerable.Range(1, 8).Select(i => BatchModels.Input(i, 1, 2, 3))];
        AssertSame(pipeline, inputs, pipeline.RunBatch(inputs));
        return pipeline;
    }

    internal static byte[] Model(string name) => name switch
    {
        "classifier" => BatchModels.Classifier,
        "softmax" => BatchModels.SoftmaxAcross,
        "sums" => BatchModels.Sums,
        "twice" => BatchModels.Twice,
        "one row" => BatchModels.OneRow,
        "roots" => BatchModels.Roots,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    /// <summary>Each run agrees with what the input alone gives, and an error is that one's to the letter.</summary>
    internal static void AssertSame(Pipeline pipeline, IReadOnlyList<byte[]> inputs, IReadOnlyList<ItemRun> runs)
    {
        Assert.Equal(inputs.Count, runs.Count);
        for (var i = 0; i < runs.Count; i++)
        {
            var alone = pipeline.Run(inputs[i]).Output;
            Assert.Equal(alone.Error, runs[i].Output.Error);
            Assert.Equal(Agreement.Agree, OutputComparer.Compare(Manifests.Tensors.Comparator, alone, runs[i].Output));
        }
    }
}
