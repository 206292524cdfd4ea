using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Sqlite;

namespace PiGrid.Tests.Storage;

public sealed class SqliteDatabaseTests : IDisposable
{
    private static readonly GrainId Grain = GrainId.Create("job", "j_1");

    private readonly SqliteFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Writes_ThatWaitTogether_ShareOneCommit()
    {
        var database = _folder.Open();
        using var gate = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        var first = database.WriteAsync(_ =>
        {
            started.Set();
            gate.Wait();
            return 0;
        });
        started.Wait();
        var rest = Enumerable.Range(0, 100).Select(_ => database.WriteAsync(TransactionOf)).ToArray();
        gate.Set();
        await first;

        Assert.Single((await Task.WhenAll(rest)).Distinct());
    }

    [Fact]
    public async Task Write_ThatFails_CostsTheOthersOfItsGroupNothing()
    {
        var database = _folder.Open();
        using var gate = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        var first = database.WriteAsync(_ =>
        {
            started.Set();
            gate.Wait();
            return 0;
        });
        started.Wait();
        var good = database.WriteAsync(s => Insert(s, "good"));
        var thrown = database.WriteAsync<int>(s => throw new InvalidOperationException($"after {Insert(s, "thrown")}"));
        var refused = database.WriteAsync(s => s.Execute("INSERT INTO reminder (grain) VALUES ('only')"));
        var alsoGood = database.WriteAsync(s => Insert(s, "also good"));
        gate.Set();
        await first;

        Assert.Equal((1, 1), (await good, await alsoGood));
        await Assert.ThrowsAsync<InvalidOperationException>(() => thrown);
        await Assert.ThrowsAsync<StorageException>(() => refused);
        var names = await database.ReadAsync(s => s.Query("SELECT name FROM grain_state ORDER BY name", r => r.GetString(0)));
        Assert.Equal(["also good", "good"], names);
    }

    [Fact]
    public async Task Dispose_CommitsWhatWaits()
    {
        var database = _folder.Open();
        var writes = Enumerable.Range(0, 50).Select(i => database.WriteAsync(s => Insert(s, $"{i}"))).ToArray();

        await _folder.CloseAsync();

        Assert.All(await Task.WhenAll(writes), changed => Assert.Equal(1, changed));
        Assert.Equal(50L, await _folder.Open().ReadAsync(s => s.Scalar("SELECT count(*) FROM grain_state")));
    }

    [Fact]
    public void Open_WhenTheFileIsNoDatabase_NamesItAndTheRemedy()
    {
        File.WriteAllBytes(_folder.File, Enumerable.Repeat((byte)'x', 10_000).ToArray());

        var error = Assert.Throws<StorageException>(() => _folder.Open());

        Assert.Contains(_folder.File, error.Message, StringComparison.Ordinal);
        Assert.Contains("backup", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_WhenAPageIsDamaged_RefusesUnlessTheCheckIsOff()
    {
        var database = _folder.Open();
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => database.WriteAsync(s => Insert(s, $"{i}"))));
        await _folder.CloseAsync();
        using (var file = File.Open(_folder.File, FileMode.Open))
        {
            file.Position = 4096 * 5;
            file.Write(new byte[4096 * 2]);
        }

        var error = Assert.Throws<StorageException>(() => _folder.Open());

        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
        _folder.Open(new StorageOptions { CheckAtStart = false });
        await _folder.CloseAsync();
        _folder.Open(new StorageOptions { CheckBytesMax = 4096 });
    }

    [Fact]
    public void Open_WhenTheDatabaseIsSomebodyElses_RefusesToTouchIt()
    {
        Execute("CREATE TABLE shopping (item TEXT)");

        var error = Assert.Throws<StorageException>(() => _folder.Open());

        Assert.Contains("not a grid's", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_WhenTheSchemaIsNewer_SaysWhichReleaseItNeeds()
    {
        _folder.Open();
        await _folder.CloseAsync();
        Execute("PRAGMA user_version = 3");

        var error = Assert.Throws<StorageException>(() => _folder.Open());

        Assert.Contains("newer release (schema 3; this one reads up to 2)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_WhenAStateIsOfANewerFormat_IsRefused()
    {
        var database = _folder.Open();
        var storage = new SqliteGrainStorage(database);
        await storage.WriteStateAsync("note", Grain, new GrainState<List<int>>([1]));
        await database.WriteAsync(s => s.Execute("UPDATE grain_state SET format = 2"));

        var error = await Assert.ThrowsAsync<StorageException>(() => storage.ReadStateAsync("note", Grain, new GrainState<List<int>>()));

        Assert.Contains("state 'note' of job/j_1", error.Message, StringComparison.Ordinal);
        Assert.Contains("format 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_WhenAStateIsNotReadable_NamesIt()
    {
        var database = _folder.Open();
        var storage = new SqliteGrainStorage(database);
        await storage.WriteStateAsync("note", Grain, new GrainState<string>("text"));

        var error = await Assert.ThrowsAsync<StorageException>(() => storage.ReadStateAsync("note", Grain, new GrainState<List<int>>()));

        Assert.Contains("state 'note' of job/j_1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_WhenTheSchemaIsOlder_BringsItUpAndKeepsWhatIsThere()
    {
        // As the first release made it.
        Execute("""
            CREATE TABLE grain_state (
                grain TEXT NOT NULL, name TEXT NOT NULL, etag TEXT NOT NULL, format INTEGER NOT NULL, payload BLOB NOT NULL,
                PRIMARY KEY (grain, name));
            CREATE TABLE reminder (
                grain TEXT NOT NULL, name TEXT NOT NULL, hash INTEGER NOT NULL, start_at INTEGER NOT NULL, period INTEGER NOT NULL,
                etag TEXT NOT NULL, PRIMARY KEY (grain, name));
            CREATE INDEX reminder_by_hash ON reminder (hash);
            CREATE TABLE small_blob (digest BLOB PRIMARY KEY, bytes BLOB NOT NULL);
            INSERT INTO grain_state VALUES ('job/j_1', 'note', 'v', 1, '[7]');
            INSERT INTO small_blob VALUES (x'2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881', x'78');
            PRAGMA application_id = 0x50694772;
            PRAGMA user_version = 1;
            """);

        var database = _folder.Open();

        var state = new GrainState<List<int>>();
        await new SqliteGrainStorage(database).ReadStateAsync("note", Grain, state);
        Assert.Equal([7], state.State!);
        var blobs = new SqliteBlobTable(database, Options.Create(new BlobOptions()), TimeProvider.System, NullLogger<SqliteBlobTable>.Instance);
        Assert.Equal("x"u8.ToArray(), await blobs.ReadAsync(Sha256.Of("x"u8), default));
        // Its grace period begins now.
        Assert.False(await blobs.RemoveAsync(Sha256.Of("x"u8), DateTimeOffset.UtcNow.AddHours(-1), default));
        Assert.Equal(2L, await database.ReadAsync(s => s.Scalar("PRAGMA user_version")));
    }

    [Theory]
    [InlineData(StorageSynchronous.Full, 2L)]
    [InlineData(StorageSynchronous.Normal, 1L)]
    public async Task Open_SetsHowDurableACommitIs(StorageSynchronous synchronous, long pragma)
    {
        var database = _folder.Open(new StorageOptions { Synchronous = synchronous });

        Assert.Equal(pragma, await database.WriteAsync(s => s.Scalar("PRAGMA synchronous")));
        Assert.Equal("wal", await database.WriteAsync(s => s.Scalar("PRAGMA journal_mode")));
    }

    // total_changes counts within a connection; the transaction is told by what only it has seen: its own rows.
    private static long TransactionOf(SqliteSession session)
    {
        if (session.Scalar("SELECT name FROM grain_state WHERE grain = 'uncommitted'") is not string begun)
        {
            begun = Guid.NewGuid().ToString();
            session.Execute(
                "INSERT INTO grain_state (grain, name, etag, format, payload) VALUES ('uncommitted', $1, '', 1, x'')", begun);
        }

        return begun.GetHashCode(StringComparison.Ordinal);
    }

    private static int Insert(SqliteSession session, string name) => session.Execute(
        "INSERT INTO grain_state (grain, name, etag, format, payload) VALUES ('g', $1, '', 1, zeroblob(200))", name);

    private void Execute(string sql)
    {
        SqliteLibrary.Load();
        using var connection = new SqliteConnection($"Data Source={_folder.File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of the test.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
