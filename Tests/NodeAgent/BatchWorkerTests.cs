using PiGrid.Inference;
using PiGrid.NodeAgent.Workers.Wire;
using PiGrid.Tests.Inference.Batching;

namespace PiGrid.Tests.NodeAgent;

/// <summary>Several inputs in one request to a real worker process.</summary>
public sealed class BatchWorkerTests : OneWorkerTests
{
    [Fact]
    public async Task Batch_OfAModelOfRows_IsAnsweredInputByInput()
    {
        Assert.Equal(16, (await LoadAsync(BatchModels.Classifier)).BatchMax);
        byte[][] inputs = [.. Enumerable.Range(1, 9).Select(BatchModels.Row), "no tensors"u8.ToArray(), BatchModels.Row(10)];
        using var pipeline = BatchModels.Load(BatchModels.Classifier);

        // The first proves the model, the second relies on it.
        for (var i = 0; i < 2; i++)
        {
            var reply = await RunAsync(inputs);

            Assert.Equal(16, reply.BatchMax);
            PipelineBatchTests.AssertSame(pipeline, inputs, [.. reply.Runs.Select(r => new ItemRun(r.Output, r.ModelMs, r.ModelMs))]);
            Assert.All(reply.Runs, (run, at) => Assert.Equal(at == 9, run.ModelMs == 0));
        }
    }

    [Fact]
    public async Task Batch_OfAModelWhoseRowsBelongTogether_IsAnsweredAndTheLast()
    {
        Assert.Equal(16, (await LoadAsync(BatchModels.Sums)).BatchMax);

        var reply = await RunAsync(BatchModels.Input(1, 2, 3, 4), BatchModels.Input(10, 20, 30, 40));

        Assert.Equal(1, reply.BatchMax);
        Assert.Equal([[1, 2, 3, 4], [10, 20, 30, 40]], reply.Runs.Select(r => Works.FloatsOf(r.Output)));
    }

    [Fact]
    public async Task Model_OfFixedSize_SaysThatItTakesOneInput()
    {
        Assert.Equal(1, (await LoadAsync(OnnxModels.Add(1))).BatchMax);

        var reply = await RunAsync([.. Enumerable.Range(1, 2).Select(i => Works.Floats(("a", [i]), ("b", [1])))]);

        Assert.Equal(1, reply.BatchMax);
        Assert.Equal([[2], [3]], reply.Runs.Select(r => Works.FloatsOf(r.Output)));
    }

    private Task<RanBatchReply> RunAsync(params byte[][] inputs) => AskAsync<RanBatchReply>(new RunBatchRequest([.. inputs.Select(i => (long)i.Length)]), inputs);
}
