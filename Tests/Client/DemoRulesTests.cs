using PiGrid.Client.Cli;
using PiGrid.Client.Demo;

namespace PiGrid.Tests.Client;

/// <summary>What a demo plans, measures and concludes, without starting one.</summary>
public sealed class DemoRulesTests : IDisposable
{
    private static readonly NodeId A = NodeId.FromBytes(new byte[16]);
    private static readonly LeaseId Lease = LeaseId.FromBytes(new byte[16]);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Plan_WhenLiarsAndCasualties_PutsThemLast() => Assert.Equal(
        [VolunteerRole.Operator, VolunteerRole.Honest, VolunteerRole.Honest, VolunteerRole.Casualty, VolunteerRole.Liar, VolunteerRole.Liar],
        Options(nodes: 5, liars: 2, kill: 1).Plan.Select(v => v.Role));

    [Theory]
    [InlineData(7, 1, 1, 0)]
    [InlineData(2, 0, 0, 0)]
    [InlineData(3, 1, 1, 1)]
    [InlineData(1, 0, 0, 1)]
    public void Options_WhenTooFewHonestNodesRemain_AreRefused(int nodes, int liars, int kill, int errors) =>
        Assert.Equal(errors, Options(nodes, liars, kill).Validate().Count);

    [Fact]
    public void Options_WhenFilesAreMissingOrKeepIsFull_NameEach()
    {
        var options = Options(7, 1, 1) with { Images = ["/nowhere/a.png"], Manifest = "/nowhere/m.json", Keep = _folder.Path };

        Assert.Equal(3, options.Validate().Count);
    }

    [Fact]
    public void Times_WhenEventsCome_KeepFirstAcknowledgementAndOpenLeases()
    {
        var times = new DemoTimes(DateTimeOffset.UnixEpoch);

        times.Add(Event(JobEventKind.ReplicaAssigned, 5));
        Assert.True(times.Holds(A));
        times.Add(Event(JobEventKind.ReplicaAccepted, 10));
        times.Add(Event(JobEventKind.ReplicaAccepted, 20));
        times.Add(Event(JobEventKind.ReplicaReturned, 30));
        times.Add(new JobEvent { At = DateTimeOffset.UnixEpoch.AddMilliseconds(40), Kind = JobEventKind.ShardAccepted, Shard = 3 });

        Assert.False(times.Holds(A));
        Assert.Equal(TimeSpan.FromMilliseconds(10), times.Of(A).Acknowledged);
        Assert.Equal(TimeSpan.FromMilliseconds(30), times.Of(A).FirstResult);
        Assert.Equal(TimeSpan.FromMilliseconds(40), times.Shards[3]);
    }

    [Fact]
    public void Checks_WhenEverythingHolds_FindNothing() => Assert.Empty(Failures(Report(), Status()));

    [Fact]
    public void Checks_WhenSomethingDoesNotHold_NameIt()
    {
        Assert.Single(Failures(Report() with { WrongAccepted = 1 }, Status()));
        Assert.Single(Failures(Report() with { Killed = 0 }, Status()));
        Assert.Single(Failures(Report() with { NodeTimes = [Node("idle", null, 0)] }, Status()));
        Assert.Single(Failures(Report() with { Pictures = [Picture() with { ReceiptVerified = false }] }, Status()));
        Assert.Single(Failures(Report(), Status() with { State = JobState.Failed }));
    }

    [Fact]
    public void Programs_WhenNotBuilt_AreNamedWithTheRemedy()
    {
        var error = Assert.Throws<CommandFailedException>(() => ProgramFiles.Find("Silo", _folder.Path));

        Assert.Contains("PiGrid.Silo.dll", error.Message, StringComparison.Ordinal);
        Assert.Contains("build", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Programs_WhenBuiltInAnotherConfiguration_AreNotTaken()
    {
        _folder.Write("Silo/bin/Debug/net10.0/PiGrid.Silo.dll", "");
        var expected = _folder.Write("Silo/bin/Release/net10.0/PiGrid.Silo.dll", "");
        var client = _folder.Write("Client/bin/Release/net10.0/PiGrid.Client.dll", "");
        var deeper = _folder.Write("Tests/Benchmarks/bin/Release/net10.0/PiGrid.Benchmarks.dll", "");

        Assert.Equal(expected, ProgramFiles.Find("Silo", Path.GetDirectoryName(client)! + Path.DirectorySeparatorChar));
        Assert.Equal(expected, ProgramFiles.Find("Silo", Path.GetDirectoryName(deeper)!));
    }

    private static JobEvent Event(JobEventKind kind, int ms) =>
        new() { At = DateTimeOffset.UnixEpoch.AddMilliseconds(ms), Kind = kind, Node = A, Lease = Lease, Shard = 3 };

    private static IReadOnlyList<string> Failures(DemoReport report, JobStatus status) =>
        DemoChecks.Failures(new DemoOptions { Nodes = 3, Liars = 0, Kill = 1, Quorum = 2, Manifest = "", Images = [] }, report, status);

    private static JobStatus Status() => new()
    {
        Id = NewId.Job(),
        State = JobState.Completed,
        Model = new ModelRef("m", "1"),
        Policy = VerificationPolicy.Quorum(2),
    };

    private static DemoReport Report() => new()
    {
        Engine = "Embedded",
        Nodes = 3,
        SlowestAckMs = 1,
        SlowestVerifiedMs = 2,
        WrongAccepted = 0,
        Shards = 8,
        ShardsAccepted = 8,
        ResultsPerShard = 2,
        Liars = 0,
        Killed = 1,
        Model = new ModelRef("m", "1"),
        Policy = VerificationPolicy.Quorum(2),
        Pictures = [Picture()],
        NodeTimes = [Node("busy", 1, 2), new DemoNode("dead", A, VolunteerRole.Casualty, null, null, 0)],
        Failures = [],
    };

    private static DemoPicture Picture() =>
        new() { File = "a.png", Labels = [], Detections = [], Replicas = 2, Agreed = [], Disagreed = [], ReceiptVerified = true };

    private static DemoNode Node(string name, double? ack, int results) => new(name, A, VolunteerRole.Honest, ack, ack, results);

    private DemoOptions Options(int nodes, int liars, int kill) => new()
    {
        Nodes = nodes,
        Liars = liars,
        Kill = kill,
        Quorum = 2,
        Manifest = _folder.Write("manifest.json", "{}"),
        Images = [_folder.Write("a.png", "")],
    };
}
