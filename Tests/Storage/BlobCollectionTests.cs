using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using PiGrid.Grains.Jobs;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Collection;
using PiGrid.Grains.Storage.Sqlite;

namespace PiGrid.Tests.Storage;

/// <summary>What is collected, and above all what is not.</summary>
public sealed class BlobCollectionTests : IDisposable
{
    private readonly SqliteFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly BlobOptions _options = new() { SmallBytesMax = 1024, GracePeriod = TimeSpan.FromDays(4), CollectPeriod = TimeSpan.FromMilliseconds(20) };
    private readonly SqliteDatabase _database;
    private readonly FileBlobStore _files;
    private readonly LayeredBlobStore _blobs;

    public BlobCollectionTests()
    {
        _database = _folder.Open();
        var options = Options.Create(_options);
        _files = new FileBlobStore(Path.Combine(_folder.Path, "blobs"), options, _time, NullLogger<FileBlobStore>.Instance);
        _blobs = new LayeredBlobStore(new SqliteBlobTable(_database, options, _time, NullLogger<SqliteBlobTable>.Instance), _files, options);
    }

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(10)]
    [InlineData(5000)]
    public async Task Collect_RemovesWhatNothingNames_OnceItIsOldEnough(int size)
    {
        var blob = await _blobs.PutBytesAsync(new byte[size], default);
        _time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(0, (await CollectAsync()).Removed);
        _time.Advance(TimeSpan.FromDays(2));

        var outcome = await CollectAsync();

        Assert.Equal((1, (long)size), (outcome.Removed, outcome.Bytes));
        Assert.Null(await _blobs.FindAsync(blob.Sha256, default));
    }

    [Fact]
    public async Task Collect_KeepsWhatAnyRecordNames()
    {
        var named = await _blobs.PutBytesAsync([1], default);
        var deep = await _blobs.PutBytesAsync(new byte[3000], default);
        await WriteAsync("whatever", "x", new Dictionary<string, object> { ["a"] = new[] { new { B = named.Sha256 } }, [deep.Sha256.Value] = 7 });
        _time.Advance(TimeSpan.FromDays(50));

        Assert.Equal(0, (await CollectAsync()).Removed);
    }

    [Fact]
    public async Task Collect_KeepsTheInputsThatAJobsListNames()
    {
        var inputs = new List<JobInput>();
        for (var i = 0; i < 300; i++)
        {
            inputs.Add(new JobInput { Name = $"input {i}", Blob = await _blobs.PutBytesAsync(BitConverter.GetBytes(i), default) });
        }

        var index = await _blobs.PutBytesAsync(InputIndex.Write(inputs), default);
        await WriteAsync("j_1", "job", new JobRecord { Index = index, State = JobState.Running });
        await _blobs.PutBytesAsync([9], default);
        _time.Advance(TimeSpan.FromDays(50));

        Assert.Equal(1, (await CollectAsync()).Removed);

        Assert.All(inputs, i => Assert.NotNull(_blobs.FindAsync(i.Blob!.Sha256, default).AsTask().GetAwaiter().GetResult()));
    }

    [Theory]
    [InlineData(JobState.Running, false)]
    [InlineData(JobState.Completed, true)]
    public async Task Collect_WhenAJobsListIsLost_RemovesNothingWhileTheJobCanGoOn(JobState state, bool isCollected)
    {
        var index = new BlobRef(Sha256.Of("lost"u8), 4);
        await WriteAsync("j_1", "job", new JobRecord { Index = index, State = state });
        var blob = await _blobs.PutBytesAsync([1], default);
        _time.Advance(TimeSpan.FromDays(50));

        if (isCollected)
        {
            Assert.Equal(1, (await CollectAsync()).Removed);
        }
        else
        {
            var error = await Assert.ThrowsAsync<StorageException>(CollectAsync);
            Assert.Contains(index.Sha256.Value, error.Message, StringComparison.Ordinal);
            Assert.Contains("j_1", error.Message, StringComparison.Ordinal);
            Assert.NotNull(await _blobs.FindAsync(blob.Sha256, default));
        }
    }

    [Fact]
    public async Task Collector_CollectsByItself_AndGoesOnAfterAFailure()
    {
        await WriteAsync("j_1", "job", new JobRecord { Index = new BlobRef(Sha256.Of("list"u8), 4), State = JobState.Running });
        var blob = await _blobs.PutBytesAsync(new byte[5000], default);
        _time.Advance(TimeSpan.FromDays(50));
        using var collector = new BlobCollector(
            new SqliteStore(_database), _blobs, Options.Create(_options), _time, NullLogger<BlobCollector>.Instance);
        await collector.StartAsync(default);

        await _blobs.PutBytesAsync("list"u8.ToArray(), default);

        while (Directory.GetFiles(Path.Combine(_folder.Path, "blobs"), blob.Sha256.Value, SearchOption.AllDirectories).Length > 0)
        {
            await Task.Yield();
        }

        await collector.StopAsync(default);
    }

    [Fact]
    public void Names_AreFoundWhereverTheyStand() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        ArbMap.Default.ArbFor<NonNull<string>>(),
        (bytes, around) =>
        {
            var digest = Sha256.Of(bytes);
            // What stands around a digest in JSON is no hexadecimal character.
            var text = Encoding.UTF8.GetBytes($"{around.Get}\"{digest}\"{around.Get}");
            var names = new HashSet<ulong>();
            BlobNamesRules.AddNames(text, names);
            return names.Contains(BlobNamesRules.ShortName(digest));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", 0)]
    [InlineData("0123456789abcdef", 0)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1)]
    [InlineData("x=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.", 2)]
    public void Names_AreRunsOfSixtyFour(string text, int count)
    {
        var names = new HashSet<ulong>();

        BlobNamesRules.AddNames(Encoding.UTF8.GetBytes(text), names);

        Assert.Equal(count, names.Count);
    }

    private Task<BlobCollection.Outcome> CollectAsync() =>
        new BlobCollection(new SqliteStore(_database), _blobs).RunAsync(_time.GetUtcNow() - _options.GracePeriod, default);

    private Task WriteAsync<T>(string key, string name, T state) =>
        new SqliteGrainStorage(_database).WriteStateAsync(name, GrainId.Create("job", key), new GrainState<T>(state));
}
