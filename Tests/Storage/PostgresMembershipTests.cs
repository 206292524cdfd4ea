using System.Data;
using Npgsql;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Postgres;

namespace PiGrid.Tests.Storage;

/// <summary>
/// The statements of the cluster's membership as the engine executes them, by its names of parameters and columns; and the key that all silos share. Whether the
/// engine finds its way with them is for the cluster's scenarios.
/// </summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresMembershipTests(PostgresFixture fixture) : IAsyncLifetime, IDisposable
{
    private const int Joining = 2, Active = 3, Dead = 6;

    private static readonly DateTime Start = new(2026, 11, 21, 12, 0, 0, DateTimeKind.Utc);

    private readonly PostgresDatabases _databases = new(fixture);
    private NpgsqlDataSource? _source;

    public async Task InitializeAsync()
    {
        if (PostgresServer.SkipReason is null)
        {
            await _databases.OpenAsync();
            _source = NpgsqlDataSource.Create(_databases.Options.MembershipConnection);
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _source?.Dispose();
        _databases.Dispose();
    }

    [PostgresFact]
    public async Task Statements_WhenRead_AreThoseThatTheEngineAsksFor()
    {
        var names = await RowsAsync("SELECT QueryKey, QueryText FROM OrleansQuery", row => row.GetString("QueryKey"));

        Assert.Equal(
            [
                "CleanupDefunctSiloEntriesKey", "DeleteMembershipTableEntriesKey", "GatewaysQueryKey", "InsertMembershipKey", "InsertMembershipVersionKey",
                "MembershipReadAllKey", "MembershipReadRowKey", "UpdateIAmAlivetimeKey", "UpdateMembershipKey",
            ],
            names.Order(StringComparer.Ordinal));
    }

    [PostgresFact]
    public async Task Version_WhenInsertedTwice_IsThereOnce()
    {
        Assert.Equal(1, await ChangeAsync("InsertMembershipVersionKey"));
        Assert.Equal(0, await ChangeAsync("InsertMembershipVersionKey"));
        Assert.Equal([(null, 0)], await ReadAllAsync());
    }

    [PostgresFact]
    public async Task Member_WhenInserted_NeedsTheVersionAndANewName()
    {
        await ChangeAsync("InsertMembershipVersionKey");

        Assert.Equal(0, await InsertAsync(port: 1, version: 5));
        Assert.Equal(1, await InsertAsync(port: 1, version: 0));
        Assert.Equal(0, await InsertAsync(port: 2, version: 0));
        Assert.Equal(0, await InsertAsync(port: 1, version: 1));
        Assert.Equal(1, await InsertAsync(port: 2, version: 1));
        Assert.Equal([(1, 2), (2, 2)], (await ReadAllAsync()).Order());
    }

    [PostgresFact]
    public async Task Member_WhenRead_HasEveryColumn()
    {
        await ChangeAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0);
        await UpdateAsync(port: 1, version: 1, Active, "S127.0.0.1:2:7,2026-11-21 12:00:00.000 GMT");

        var found = Assert.Single(await RowsAsync(Statement("MembershipReadRowKey"), row => (
            row.GetString("Address"), row.GetInt32("Port"), row.GetInt32("Generation"), row.GetString("SiloName"), row.GetString("HostName"), row.GetInt32("Status"),
            row.GetInt32("ProxyPort"), row.GetString("SuspectTimes"), row.GetDateTime("StartTime"), row.GetDateTime("IAmAliveTime"), row.GetInt32("Version")), Named(1)));

        Assert.Equal(("127.0.0.1", 1, 7, "silo", "host", Active, 30001, "S127.0.0.1:2:7,2026-11-21 12:00:00.000 GMT", Start, Start.AddSeconds(9), 2), found);
        // One that is not there still gives the version.
        Assert.Equal([(true, 2)], await RowsAsync(Statement("MembershipReadRowKey"), row => (row.IsDBNull("StartTime"), row.GetInt32("Version")), Named(9)));
    }

    [PostgresFact]
    public async Task Member_WhenUpdatedBySeveralAtOnce_IsChangedByOne()
    {
        await ChangeAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0);
        using var start = new Barrier(4);

        var changed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return UpdateAsync(port: 1, version: 1, Dead, null);
            },
            TaskCreationOptions.LongRunning).Unwrap()));

        Assert.Equal([0, 0, 0, 1], changed.Order());
        Assert.Equal(0, await UpdateAsync(port: 9, version: 2, Dead, null));
        Assert.Equal([(1, 2)], await ReadAllAsync());
    }

    [PostgresFact]
    public async Task Gateways_WhenRead_AreThoseOfActiveSilos()
    {
        await ChangeAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0);
        await InsertAsync(port: 2, version: 1);
        await UpdateAsync(port: 2, version: 2, Active, null);

        Assert.Equal([("127.0.0.1", 30002, 7)], await RowsAsync(
            Statement("GatewaysQueryKey"),
            row => (row.GetString("Address"), row.GetInt32("ProxyPort"), row.GetInt32("Generation")),
            new("DeploymentId", "c"),
            new("Status", Active)));
    }

    [PostgresFact]
    public async Task Members_WhenDefunct_AreRemovedUnlessActiveOrRecent()
    {
        await ChangeAsync("InsertMembershipVersionKey");
        await InsertAsync(port: 1, version: 0);
        await InsertAsync(port: 2, version: 1);
        await InsertAsync(port: 3, version: 2);
        await UpdateAsync(port: 1, version: 3, Active, null);
        await RunAsync("UpdateIAmAlivetimeKey", [.. Named(3), new("IAmAliveTime", Start.AddHours(2))]);

        await RunAsync("CleanupDefunctSiloEntriesKey", new("DeploymentId", "c"), new("IAmAliveTime", Start.AddHours(1)));
        Assert.Equal([1, 3], (await ReadAllAsync()).Select(m => m.Port!.Value).Order());

        await RunAsync("DeleteMembershipTableEntriesKey", new NpgsqlParameter("DeploymentId", "c"));
        Assert.Equal([null], (await ReadAllAsync()).Select(m => m.Port));
    }

    [PostgresFact]
    public async Task Key_WhenAnotherGrids_IsRefusedWithTheRemedy()
    {
        await _databases.CloseAsync();
        var database = await _databases.OpenAsync();

        await PostgresMembership.RequireKeyAsync(database, [1, 2, 3]);
        await PostgresMembership.RequireKeyAsync(database, [1, 2, 3]);
        var error = await Assert.ThrowsAsync<StorageException>(() => PostgresMembership.RequireKeyAsync(database, [4, 5, 6]));

        Assert.Contains("Silo:Shared", error.Message, StringComparison.Ordinal);
        Assert.Contains(Sha256.Of([1, 2, 3]).Value, error.Message, StringComparison.Ordinal);
    }

    private static string Statement(string name) => PostgresMembership.Statements[name];

    private static NpgsqlParameter[] Named(int port) =>
        [new("DeploymentId", "c"), new("Address", DbType.AnsiString) { Value = "127.0.0.1" }, new("Port", port), new("Generation", 7)];

    private Task<int> InsertAsync(int port, int version) => ChangeAsync(
        "InsertMembershipKey",
        [
            .. Named(port), new("SiloName", "silo"), new("HostName", "host"), new("Status", Joining), new("ProxyPort", 30000 + port), new("StartTime", Start),
            new("IAmAliveTime", Start), new("Version", version),
        ]);

    private Task<int> UpdateAsync(int port, int version, int status, string? suspicions) => ChangeAsync(
        "UpdateMembershipKey",
        [
            .. Named(port), new("Status", status), new("SuspectTimes", DbType.String) { Value = suspicions ?? (object)DBNull.Value },
            new("IAmAliveTime", Start.AddSeconds(9)), new("Version", version),
        ]);

    private async Task<List<(int? Port, int Version)>> ReadAllAsync() => await RowsAsync(
        Statement("MembershipReadAllKey"), row => (row.IsDBNull("Port") ? (int?)null : row.GetInt32("Port"), row.GetInt32("Version")), new NpgsqlParameter("DeploymentId", "c"));

    private async Task<int> ChangeAsync(string name, params NpgsqlParameter[] parameters) => Assert.Single(await RowsAsync(
        Statement(name), row => row.GetInt32(0), parameters.Length > 0 ? parameters : [new("DeploymentId", "c")]));

    private async Task RunAsync(string name, params NpgsqlParameter[] parameters) => await RowsAsync(Statement(name), _ => 0, parameters);

    private async Task<List<T>> RowsAsync<T>(string sql, Func<NpgsqlDataReader, T> read, params NpgsqlParameter[] parameters)
    {
        await using var command = _source!.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
