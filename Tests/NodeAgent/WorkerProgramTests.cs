using System.Diagnostics;
using PiGrid.NodeAgent.Workers;
using PiGrid.NodeAgent.Workers.Wire;

namespace PiGrid.Tests.NodeAgent;

/// <summary>The worker program as a process of its own, asked over its streams.</summary>
public sealed class WorkerProgramTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pigrid-worker-");
    private readonly Process _process;

    public WorkerProgramTests()
    {
        _process = Process.Start(WorkerEnvironment.Describe(AgentRun.WorkerProgram, _folder.FullName, area: null))!;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Worker_EndsWithItsInput_WhicheverOfItsThreadsReads(int answered)
    {
        var (requests, replies) = (_process.StandardInput.BaseStream, _process.StandardOutput.BaseStream);
        Assert.IsType<ReadyReply>(Frames.Read<WorkerReply>(replies, Frames.ReplyBytesMax));
        for (var i = 0; i < answered; i++)
        {
            requests.Write(Frames.Encode<WorkerRequest>(new ProbeRequest("cpu")));
            requests.Flush();
            Assert.IsType<ProbeReply>(Frames.Read<WorkerReply>(replies, Frames.ReplyBytesMax));
        }

        requests.Close();

        await _process.WaitForExitAsync().WaitAsync(Patience.Limit);
    }

    [Fact]
    public void Requests_SentAtOnce_AreAnsweredInTheirOrder()
    {
        var (requests, replies) = (_process.StandardInput.BaseStream, _process.StandardOutput.BaseStream);
        string[] providers = ["cpu", "none", "cpu", "none", "cpu"];
        requests.Write(providers.SelectMany(p => Frames.Encode<WorkerRequest>(new ProbeRequest(p))).ToArray());
        requests.Flush();

        // Also what was sent before the worker said that it is ready.
        Assert.IsType<ReadyReply>(Frames.Read<WorkerReply>(replies, Frames.ReplyBytesMax));
        Assert.All(providers, p => Assert.Equal(p == "cpu", ((ProbeReply)Frames.Read<WorkerReply>(replies, Frames.ReplyBytesMax)!).Usable));
    }
}
