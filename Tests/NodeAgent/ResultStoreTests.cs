using Microsoft.Extensions.Logging.Abstractions;
using PiGrid.NodeAgent.Work;

namespace PiGrid.Tests.NodeAgent;

public sealed class ResultStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pigrid-results-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Open_WhenAPutBrokeOff_LeavesNothingOfIt()
    {
        var lease = NewId.Lease().Value;
        string[] left = [$"{lease}.output", $"{lease}.json.new", $"{NewId.Lease().Value}.json"];
        Array.ForEach(left, name => File.WriteAllText(Path.Combine(_folder, name), "cut o"));

        var store = new ResultStore(_folder, TimeProvider.System, NullLogger.Instance);

        Assert.Empty(store.Pending);
        Assert.Empty(Directory.GetFiles(_folder));
    }
}
