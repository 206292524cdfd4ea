using System.Text.Json;
using PiGrid.Client;
using PiGrid.Client.Demo;
using PiGrid.Tests.Client;
using PiGrid.Verification;

namespace PiGrid.Tests.Scenarios.Demo;

/// <summary>Two of seven volunteers sign forged results, on real processes: the job's outputs are right, and the operator sees who lied.</summary>
public sealed class LiarTests : IDisposable
{
    private static readonly string[] Pictures = ["bus-stop.jpg", "junction.jpg"];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Liars_WhenTwoOfSevenForge_AreSuspendedAndNamed()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        (string, VolunteerRole)[] nodes =
        [
            ("operator", VolunteerRole.Operator),
            .. Enumerable.Range(1, 5).Select(i => ($"honest-{i}", VolunteerRole.Honest)),
            ("liar-1", VolunteerRole.Liar),
            ("liar-2", VolunteerRole.Liar),
        ];
        await using var grid = await DemoGrid.StartAsync(nodes, _folder.Path, _ => { }, limit.Token);
        var folder = await ManifestFolder.LoadAsync(Path.Combine(ClientProgram.OutputOf("Client"), "demo", "manifest.json"), limit.Token);
        await grid.Client.PublishAsync(folder, limit.Token);
        var model = (await grid.Client.WaitForModelAsync(folder.Sealed.Ref, limit.Token)).Ref;
        var inputs = Enumerable.Range(0, 14).Select(i => InputSource.FromFile(GridFixture.Picture(Pictures[i % 2]))).ToArray();
        var spec = await grid.Client.WithInputsAsync(new JobSpec { Model = model, ShardSize = 1 }, inputs, progress: null, limit.Token);

        var job = await grid.Client.WaitForJobAsync((await grid.Client.SubmitAsync(spec, cancellationToken: limit.Token)).Id, limit.Token);

        Assert.Equal((JobState.Completed, 0, VerificationPolicy.Adaptive), (job.State, job.InputsFailed, job.Policy));
        var results = await grid.Client.ReadResultsAsync(job.Id, cancellationToken: limit.Token).ToListAsync(limit.Token);
        foreach (var same in results.GroupBy(r => r.Index % 2))
        {
            // Every answer to one picture is the same to the last decision: a forged one would stand out.
            Assert.Single(same.Select(r => string.Join(',', r.Output.Detections!.Select(d => d.Label).Order())).Distinct());
        }

        var listed = await ClientProgram.RunAsync(["node", "list", "--json", "--bootstrap", Path.Combine(grid.SiloData, "bootstrap.json")]);
        var known = JsonDocument.Parse(listed.Output).RootElement.GetProperty("nodes").Deserialize<NodeStatus[]>(GridJson.Wire)!.ToDictionary(n => n.OwnerName);
        Assert.All(known.Where(n => n.Key.StartsWith("liar", StringComparison.Ordinal)), n =>
        {
            Assert.Equal((NodeState.Suspended, ReputationTier.Suspended), (n.Value.State, n.Value.Reputation!.Tier));
            Assert.Contains(job.Id.Value, n.Value.Reason, StringComparison.Ordinal);
        });
        Assert.All(known.Where(n => n.Key.StartsWith("honest", StringComparison.Ordinal)), n => Assert.Equal(0, n.Value.Reputation!.Wrong));
        var table = await ClientProgram.RunAsync(["node", "list", "--bootstrap", Path.Combine(grid.SiloData, "bootstrap.json")]);
        Assert.Contains("suspended", table.Output, StringComparison.Ordinal);
    }
}
