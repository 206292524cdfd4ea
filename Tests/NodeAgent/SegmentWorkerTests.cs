using System.Text.Json;
using PiGrid.NodeAgent.Workers;
using PiGrid.NodeAgent.Workers.Wire;
using PiGrid.Tests.Inference.Segments;
using PiGrid.Verification;

namespace PiGrid.Tests.NodeAgent;

/// <summary>A volunteer's and an operator's worker process, and an audit between them: what the two sides exchange is bytes.</summary>
public sealed class SegmentWorkerTests : IAsyncLifetime, IDisposable
{
    private static readonly byte[] Picture = StreetModel.Picture("bus-stop.jpg");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pigrid-segments-");
    private readonly WorkerSpawner _spawner = new();
    private WorkerProcess _volunteer = null!;
    private WorkerProcess _operator = null!;

    public async Task InitializeAsync()
    {
        _volunteer = await LoadedAsync();
        _operator = await LoadedAsync();
    }

    public async Task DisposeAsync()
    {
        await _volunteer.DisposeAsync();
        await _operator.DisposeAsync();
    }

    public void Dispose()
    {
        _spawner.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Audit_BetweenTwoWorkers_BelievesTheHonestAndFindsTheLiar()
    {
        var plan = CanonicalJson.Serialize((await AskAsync<PlannedReply>(_operator, new PlanRequest(Picture.Length, 5, 0), Picture)).Plan!);
        var committed = await AskAsync<CommittedReply>(_volunteer, new CommitRequest(plan.Length, Picture.Length), plan, Picture);
        var segments = JsonSerializer.Deserialize<SegmentPlan>(plan, GridJson.Wire)!.Segments.Count;
        var challenge = CanonicalJson.Serialize(SegmentRules.Draw(Sha256.Of(committed.Commitment), [1, 2, 3], 2, segments));
        var opened = await AskAsync<OpenedReply>(_volunteer, new OpenRequest(plan.Length, Picture.Length, challenge.Length), plan, Picture, challenge);

        var honest = await AuditAsync(committed.Output);
        Assert.Equal(new VerifierFinding(Agreement.Agree, null, honest.Checked), honest);
        Assert.InRange(honest.Checked, 0.1, 0.9);
        Assert.Contains("signed output", (await AuditAsync(new() { Detections = [] })).Reason!, StringComparison.Ordinal);

        async Task<VerifierFinding> AuditAsync(ItemOutput output)
        {
            var item = CanonicalJson.Serialize(output);
            var request = new AuditRequest
            {
                PlanSize = plan.Length, Size = Picture.Length, OutputSize = item.Length, CommitmentSize = committed.Commitment.Length,
                ChallengeSize = challenge.Length, EvidenceSize = opened.Evidence.Length,
            };
            return (await AskAsync<AuditedReply>(_operator, request, plan, Picture, item, committed.Commitment, challenge, opened.Evidence)).Finding;
        }
    }

    [Fact]
    public async Task Input_ThatFails_IsAnErrorWithoutACommitment()
    {
        var plan = CanonicalJson.Serialize(StreetModel.Plan);
        var committed = await AskAsync<CommittedReply>(_volunteer, new CommitRequest(plan.Length, 4), plan, "none"u8.ToArray());

        Assert.Equal(ItemErrorCode.Undecodable, committed.Output.Error!.Code);
        Assert.Empty(committed.Commitment);
    }

    [Fact]
    public async Task Plan_ThatIsNone_IsRefusedAndTheWorkerLivesOn()
    {
        var other = CanonicalJson.Serialize(StreetModel.Plan with { Model = Sha256.Of("other"u8) });

        Assert.Contains("another model", (await AskAsync<RefusedReply>(_volunteer, new CommitRequest(other.Length, 4), other, "none"u8.ToArray())).Errors[0].Message, StringComparison.Ordinal);
        await AskAsync<RefusedReply>(_volunteer, new CommitRequest(2, 4), "{}"u8.ToArray(), "none"u8.ToArray());
        await AskAsync<PlannedReply>(_volunteer, new PlanRequest(Picture.Length, 5, 0), Picture);
    }

    private async Task<WorkerProcess> LoadedAsync()
    {
        var options = new WorkerOptions { Program = AgentRun.WorkerProgram, WorkFolder = _folder.FullName, Slots = 1 };
        var worker = await WorkerProcess.StartAsync(_spawner, options, TimeProvider.System, CancellationToken.None);
        var manifest = CanonicalJson.Serialize(StreetModel.Manifest);
        var (model, (name, file)) = (StreetModel.Files.Model!, StreetModel.Files.Files.Single());
        var load = new LoadRequest
        {
            Validate = false, KeepFiles = true, Provider = "cpu", MemoryMib = 1_024, ManifestSize = manifest.Length, ModelSize = model.Length,
            FileNames = [name], FileSizes = [file.Length],
        };
        await AskAsync<LoadedReply>(worker, load, manifest, model, file);
        return worker;
    }

    private static Task<TReply> AskAsync<TReply>(WorkerProcess worker, WorkerRequest request, params byte[][] blobs)
        where TReply : WorkerReply => worker.AskAsync<TReply>(request, blobs, TimeSpan.FromMinutes(1), memoryMib: null, CancellationToken.None);
}
