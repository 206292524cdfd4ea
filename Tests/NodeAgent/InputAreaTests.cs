using PiGrid.NodeAgent.Workers;
using PiGrid.NodeAgent.Workers.Wire;

namespace PiGrid.Tests.NodeAgent;

/// <summary>The memory that a worker reads its inputs from, and real worker processes with it.</summary>
public sealed class InputAreaTests : OneWorkerTests
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await LoadAsync(OnnxModels.Add(1));
    }

    [Fact]
    public void WhatIsWritten_IsReadByWhoOpenedIt_AfterItIsShutToo()
    {
        using var area = InputArea.TryCreate();
        Assert.NotNull(area);
        using var opened = InputArea.TryOpen(area.Path);
        Assert.NotNull(opened);

        area.Write([1, 2, 3]);
        Assert.Equal([1, 2, 3], opened.Read(3, bytes => bytes.ToArray()));

        area.Shut();
        area.Write(new byte[InputArea.BytesMax].AsSpan());
        area.Write([4]);
        Assert.Equal([4, 0, 0], opened.Read(3, bytes => bytes.ToArray()));
        Assert.Null(InputArea.TryOpen(area.Path));
    }

    [Fact]
    public void WhoOpensIt_CanNeitherWriteToItNorCutIt()
    {
        using var area = InputArea.TryCreate();
        area!.Write([1, 2, 3]);
        using (var file = new FileStream(area.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0))
        {
            Assert.ThrowsAny<Exception>(() => file.SetLength(0));
            Assert.ThrowsAny<Exception>(() => file.SetLength(2 * InputArea.BytesMax));
            Assert.ThrowsAny<Exception>(() => file.Write([9]));
            Assert.Equal(InputArea.BytesMax, file.Length);
        }

        area.Write([4, 5]);
        Assert.Equal([4, 5, 3], area.Read(3, bytes => bytes.ToArray()));
    }

    [Fact]
    public void WhatDoesNotFit_OrComesTooLate_IsRefused()
    {
        var area = InputArea.TryCreate()!;
        Assert.Throws<ArgumentOutOfRangeException>(() => area.Write(new byte[InputArea.BytesMax + 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => area.Read(InputArea.BytesMax + 1, bytes => bytes.Length));

        area.Dispose();

        Assert.Throws<ObjectDisposedException>(() => area.Write([1]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Worker_AnswersAsToThePipe_WhetherTheInputFitsOrNot(int longer)
    {
        // JSON may end in spaces, which fill it up to the largest that fits, or one byte more.
        var input = Works.Floats(("a", [1]), ("b", [2]));
        byte[] filled = [.. input, .. Enumerable.Repeat((byte)' ', InputArea.BytesMax - input.Length + longer)];

        foreach (var (bytes, sum) in new[] { (filled, 3f), (input, 3f), (Works.Floats(("a", [4]), ("b", [5])), 9f) })
        {
            var ran = Assert.IsType<RanReply>(await Worker.RunAsync(bytes, TimeSpan.FromMinutes(1), memoryMib: null, CancellationToken.None));
            var piped = await AskAsync<RanReply>(new RunRequest(bytes.Length, IsInArea: false), bytes);

            Assert.Equal([sum], Works.FloatsOf(ran.Output));
            Assert.Equal([sum], Works.FloatsOf(piped.Output));
        }
    }

    [Fact]
    public async Task Worker_ThatIsGone_IsSaidToBe()
    {
        await Worker.DisposeAsync();

        await Assert.ThrowsAsync<WorkerDiedException>(() => Worker.RunAsync([1], TimeSpan.FromMinutes(1), memoryMib: null, CancellationToken.None));
    }
}
