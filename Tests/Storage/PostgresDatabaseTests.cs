using Npgsql;
using Orleans;
using Orleans.Runtime;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Postgres;

namespace PiGrid.Tests.Storage;

/// <summary>What is PostgreSQL's own: its schema, its errors, groups of writes.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresDatabaseTests(PostgresFixture fixture) : IDisposable
{
    private readonly PostgresDatabases _databases = new(fixture);

    public void Dispose() => _databases.Dispose();

    [PostgresFact]
    public async Task Open_BySeveralAtOnce_MakesTheSchemaOnce()
    {
        var options = new PostgresOptions { Connection = await fixture.Server.CreateDatabaseAsync(), Schema = "shared_one" };
        using var start = new Barrier(6);

        var opened = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return Open(options);
            },
            TaskCreationOptions.LongRunning)));

        Assert.Equal([StorageSchema.Version], await opened[0].QueryAsync("SELECT version FROM shared_one.schema_version", r => r.GetInt32(0), []));
        Array.ForEach(opened, d => d.Dispose());
    }

    [PostgresFact]
    public async Task Write_WhenASiloLiesStillInTheMiddleOfATransaction_GoesOnWithoutIt()
    {
        var options = new PostgresOptions { Connection = await fixture.Server.CreateDatabaseAsync(), SilentTransactionMax = TimeSpan.FromSeconds(1) };
        using var still = Open(options);
        using var other = Open(options);
        await other.WriteAsync<int>("INSERT INTO reminder VALUES ('g', 'n', 1, 0, 0, 'before')", []);
        await using var connection = await still.ConnectAsync(default);
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var held = PostgresDatabase.Command(connection, "UPDATE reminder SET etag = 'never'", []))
        {
            await held.ExecuteNonQueryAsync();
        }

        await other.WriteAsync<int>("UPDATE reminder SET etag = 'after'", []).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(["after"], await other.QueryAsync("SELECT etag FROM reminder", row => row.GetString(0), []));
    }

    [PostgresFact]
    public async Task Open_WhenTheSchemaIsNewer_NamesBothVersionsAndTheRemedy()
    {
        await _databases.OpenAsync();
        await _databases.CloseAsync();
        await PostgresServer.ExecuteAsync(_databases.Options.Connection, "INSERT INTO pigrid.schema_version (version) VALUES (9)");

        var error = await Assert.ThrowsAsync<StorageException>(_databases.OpenAsync);

        Assert.Contains("newer release (schema 9; this one reads up to 2): run that release", error.Message, StringComparison.Ordinal);
        Assert.Contains("Schema 'pigrid' of the database 't", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Open_WhenTheSchemaIsOlder_BringsItUp_OrLeavesItAsItWas()
    {
        var database = await _databases.OpenAsync();
        await new PostgresGrainStorage(database).WriteStateAsync("note", GrainId.Create("job", "j"), new GrainState<List<int>>([7]));
        await _databases.CloseAsync();
        IReadOnlyList<(int, string)> broken = [.. PostgresSchema.Migrations, (3, "ALTER TABLE blob ADD COLUMN extra integer; SELECT 1 / 0")];
        IReadOnlyList<(int, string)> better = [.. PostgresSchema.Migrations, (3, "ALTER TABLE blob ADD COLUMN extra integer")];

        Assert.Throws<StorageException>(() => Open(_databases.Options, broken));
        (await _databases.OpenAsync()).Dispose();
        using var newer = Open(_databases.Options, better);

        Assert.Equal([2, 3], await newer.QueryAsync("SELECT version FROM schema_version ORDER BY 1", r => r.GetInt32(0), []));
        var state = new GrainState<List<int>>();
        await new PostgresGrainStorage(newer).ReadStateAsync("note", GrainId.Create("job", "j"), state);
        Assert.Equal([7], state.State!);
        // And the release before it refuses it from now on.
        Assert.Contains("schema 3", (await Assert.ThrowsAsync<StorageException>(_databases.OpenAsync)).Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Open_WhenTheSchemaIsSomebodyElses_RefusesToTouchIt()
    {
        var connection = await fixture.Server.CreateDatabaseAsync();
        await PostgresServer.ExecuteAsync(connection, "CREATE SCHEMA pigrid; CREATE TABLE pigrid.shopping (item text)");

        var error = Assert.Throws<StorageException>(() => Open(new PostgresOptions { Connection = connection }));

        Assert.Contains("not a grid's", error.Message, StringComparison.Ordinal);
    }

    [PostgresTheory]
    [InlineData("Host=127.0.0.1;Port=1;Database=grid;Username=u;Password=s3cret", "database 'grid' on 127.0.0.1:1 cannot be reached")]
    [InlineData("Host=no-such-host.invalid;Database=grid;Username=u;Password=s3cret", "database 'grid' on no-such-host.invalid:5432 cannot be reached")]
    [InlineData("Host=HERE;Database=nowhere;Username=postgres;Password=s3cret", "There is no database 'nowhere' on")]
    [InlineData("Host=HERE;Database=postgres;Username=nobody;Password=s3cret", "refuses the user")]
    public void Open_WhenItCannotBeUsed_NamesHostAndDatabase_AndNoSecret(string connection, string expected)
    {
        var folder = new NpgsqlConnectionStringBuilder(fixture.Server.Connection).Host;

        var error = Assert.Throws<StorageException>(() => Open(new PostgresOptions { Connection = connection.Replace("HERE", folder, StringComparison.Ordinal) }));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Writes_ThatWaitTogether_ShareATransaction_AndOneThatFailsCostsTheOthersNothing()
    {
        var database = await _databases.OpenAsync();
        // The first waits in the server until the others queue behind it.
        await using var source = NpgsqlDataSource.Create(_databases.Options.Connection);
        await using var holder = await source.OpenConnectionAsync();
        await using var held = await holder.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand("INSERT INTO pigrid.reminder VALUES ('gate', '', 0, 0, 0, '')", holder, held);
        await hold.ExecuteNonQueryAsync();
        var first = database.WriteAsync<string>("INSERT INTO reminder VALUES ('gate', '', 0, 0, 0, '') ON CONFLICT DO NOTHING", []);
        while ((await Waiting()) == 0)
        {
            await Task.Yield();
        }

        var rest = Enumerable.Range(0, 100).Select(i => database.WriteAsync<long>(
            "INSERT INTO reminder VALUES ($1, '', 0, 0, 0, '') RETURNING txid_current()", [$"g{i}"])).ToArray();
        await held.CommitAsync();
        await first;
        Assert.Single((await Task.WhenAll(rest)).Distinct());

        var good = database.WriteAsync<string>("INSERT INTO reminder VALUES ('good', '', 0, 0, 0, '') RETURNING grain", []);
        var bad = database.WriteAsync<string>("INSERT INTO reminder VALUES ('g1', '', 0, 0, 0, '') RETURNING grain", []);
        var also = database.WriteAsync<string>("INSERT INTO reminder VALUES ('also', '', 0, 0, 0, '') RETURNING grain", []);
        Assert.Equal(("good", "also"), (await good, await also));
        Assert.False((await Assert.ThrowsAsync<StorageException>(() => bad)).Away);

        async Task<long> Waiting() => (await database.QueryAsync(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid' AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())",
            r => r.GetInt64(0),
            [])).Single();
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("Database=grid;Password=s3cret")]
    [InlineData("Host=h;Nonsense=s3cret")]
    [InlineData("postgres://u:s3cret@h/grid")]
    public void Options_WhenTheConnectionCannotBeRead_SayHowToWriteIt_AndNotWhatItSays(string connection)
    {
        var found = new List<System.ComponentModel.DataAnnotations.ValidationResult>();
        var options = new PostgresOptions { Connection = connection };

        Assert.False(System.ComponentModel.DataAnnotations.Validator.TryValidateObject(
            options, new System.ComponentModel.DataAnnotations.ValidationContext(options), found, validateAllProperties: true));

        var error = Assert.Single(found).ErrorMessage!;
        Assert.Contains("Host=HOST", error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error, StringComparison.Ordinal);
    }

    private static PostgresDatabase Open(PostgresOptions options, IReadOnlyList<(int Version, string Sql)>? migrations = null) => PostgresDatabase.Open(
        options, new StorageOptions(), new StoreHealth(), TimeProvider.System, migrations ?? PostgresSchema.Migrations);
}
