using System.Formats.Tar;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Npgsql;
using PiGrid.Silo.Hosting;

namespace PiGrid.Tests.Silo;

/// <summary>Backup of a silo that runs, restore, and a silo on what was restored: jobs that were over are there, and one that was under way goes on.</summary>
[Collection(PostgresTests.Name)]
public sealed class BackupTests(PostgresFixture fixture) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pigrid-backup-").FullName;

    private string Archive => Path.Combine(_folder, "grid.tar");

    private string Restored => Path.Combine(_folder, "restored");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Backup_OfARunningSilo_RestoresToAGridThatGoesOn() => await MoveAsync([], []);

    [PostgresFact]
    public async Task Backup_FromSqlite_RestoresToPostgres() => await MoveAsync([], ["--postgres", await fixture.Server.CreateDatabaseAsync()]);

    [PostgresFact]
    public async Task Backup_FromPostgres_RestoresToSqlite() => await MoveAsync(["--postgres", await fixture.Server.CreateDatabaseAsync()], []);

    [PostgresFact]
    public async Task Backup_FromPostgres_RestoresToAnotherDatabase() => await MoveAsync(
        ["--postgres", await fixture.Server.CreateDatabaseAsync()], ["--postgres", await fixture.Server.CreateDatabaseAsync(), "--Postgres:Schema=elsewhere"]);

    [Fact]
    public async Task Backup_IsReadableByItsOwnerAlone_AndNeverReplacesAFile()
    {
        await using var silo = await TestSilo.StartAsync();
        Assert.Equal(0, (await RunAsync("backup", "--data", silo.Folder, "--to", Archive)).Code);

        var again = await RunAsync("backup", "--data", silo.Folder, "--to", Archive);

        Assert.Equal((int)ExitCode.Backup, again.Code);
        Assert.Contains("exists already", again.Errors, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Archive));
        }

        Assert.Equal([Archive], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Backup_WhereThereIsNoGrid_SaysSoAndMakesNothing()
    {
        var (code, errors) = await RunAsync("backup", "--data", Path.Combine(_folder, "none"), "--to", Archive);

        Assert.Equal((int)ExitCode.Backup, code);
        Assert.Contains("There is no grid in", errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Restore_IntoAFolderThatIsNotEmpty_Refuses()
    {
        await BackUpEmptyGridAsync();
        Directory.CreateDirectory(Restored);
        await File.WriteAllTextAsync(Path.Combine(Restored, "mine"), "x");

        var (code, errors) = await RunAsync("restore", "--data", Restored, "--from", Archive);

        Assert.Equal((int)ExitCode.Backup, code);
        Assert.Contains("is not empty", errors, StringComparison.Ordinal);
        Assert.Equal([Path.Combine(Restored, "mine")], Directory.GetFileSystemEntries(Restored));
    }

    [Theory]
    [InlineData("backup", "--to")]
    [InlineData("restore", "--from")]
    public async Task Maintenance_WhenTheDatabaseCannotBeReached_EndsWithItsStatusAndTellsNoSecret(string command, string file)
    {
        await BackUpEmptyGridAsync();
        await using var silo = await TestSilo.StartAsync();
        string[] where = command == "backup" ? ["--data", silo.Folder, file, Archive + "2"] : ["--data", Restored, file, Archive];

        var (code, errors) = await RunAsync([command, .. where, "--postgres", "Host=127.0.0.1;Port=1;Database=grid;Username=u;Password=s3cret"]);

        Assert.Equal((int)ExitCode.Database, code);
        Assert.Contains("database 'grid' on 127.0.0.1:1 cannot be reached", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", errors, StringComparison.Ordinal);
        await RequireNothingAsync();
    }

    [PostgresFact]
    public async Task Restore_IntoASchemaThatHasTables_RefusesAndTouchesNothing()
    {
        await BackUpEmptyGridAsync();
        var database = await fixture.Server.CreateDatabaseAsync();
        await PostgresServer.ExecuteAsync(database, "CREATE SCHEMA pigrid; CREATE TABLE pigrid.mine (x integer)");

        var (code, errors) = await RunAsync("restore", "--data", Restored, "--from", Archive, "--postgres", database);

        Assert.Equal((int)ExitCode.Database, code);
        Assert.Contains("has tables already", errors, StringComparison.Ordinal);
        await RequireNothingAsync();
        Assert.Equal(["mine"], await TablesAsync(database));
    }

    public static TheoryData<string> Damages { get; } = ["not a tar", "cut in the middle", "cut at the end", "a byte changed", "an entry added", "an entry left out", "empty"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Restore_OfADamagedBackup_RefusesAndLeavesNothing(string damage)
    {
        await BackUpEmptyGridAsync();
        await DamageAsync(damage);

        var (code, errors) = await RunAsync("restore", "--data", Restored, "--from", Archive);

        Assert.Equal((int)ExitCode.Backup, code);
        Assert.Matches("damaged|is no backup of a grid", errors);
        await RequireNothingAsync();
    }

    [Theory]
    [InlineData("\"format\":1", "\"format\":2", "format 2, schema 2; this one reads format 1, schema up to 2")]
    [InlineData("\"schema\":2", "\"schema\":7", "format 1, schema 7; this one reads format 1, schema up to 2")]
    [InlineData("pigrid-backup", "other-backup!", "is no backup of a grid")]
    public async Task Restore_OfAnotherRelease_NamesBothAndLeavesNothing(string written, string instead, string expected)
    {
        await BackUpEmptyGridAsync();
        await RewriteAsync((name, bytes) => name == "backup.json"
            ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace(written, instead, StringComparison.Ordinal))
            : bytes);

        var (code, errors) = await RunAsync("restore", "--data", Restored, "--from", Archive);

        Assert.Equal((int)ExitCode.Backup, code);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        await RequireNothingAsync();
    }

    [PostgresFact]
    public async Task Restore_ThatFailsInTheMiddle_LeavesNothingBehind()
    {
        await BackUpEmptyGridAsync();
        // Whole by its digests, but with a line that no release wrote: found only when it is restored.
        var digests = new Dictionary<string, string>();
        await RewriteAsync((name, bytes) =>
        {
            bytes = name == "reminders.jsonl" ? "{}\n"u8.ToArray() : bytes;
            digests[name] = Sha256.Of(bytes).Value;
            return name != "digests.json" ? bytes
                : JsonSerializer.SerializeToUtf8Bytes(new { entries = digests.Where(d => d.Key != "digests.json").ToDictionary() });
        });
        var database = await fixture.Server.CreateDatabaseAsync();

        foreach (var store in new string[][] { [], ["--postgres", database] })
        {
            var (code, errors) = await RunAsync(["restore", "--data", Restored, "--from", Archive, .. store]);
            Assert.Equal((int)ExitCode.Backup, code);
            Assert.Contains("reminders.jsonl", errors, StringComparison.Ordinal);
            await RequireNothingAsync();
        }

        Assert.Empty(await TablesAsync(database));
    }

    [Theory]
    [InlineData("backup", "--to")]
    [InlineData("restore", "--from")]
    public async Task Command_WithoutItsFile_SaysSo(string command, string option)
    {
        var (code, errors) = await RunAsync(command, "--data", Restored, "--Blobs:SmallBytesMax=-1");

        Assert.Equal((int)ExitCode.InvalidSettings, code);
        Assert.Contains($"'{option} FILE' is missing", errors, StringComparison.Ordinal);
        Assert.Contains("Blobs:SmallBytesMax", errors, StringComparison.Ordinal);
    }

    private async Task MoveAsync(string[] from, string[] to)
    {
        await using var silo = await TestSilo.StartAsync(from);
        await using (await TestWorker.StartAsync(silo, silo.Bootstrap.OperatorNodeToken))
        {
            await DigestModel.PublishAsync(silo);
        }

        JobId over = NewId.Job(), running = NewId.Job();
        await using (await TestWorker.StartAsync(silo, silo.Bootstrap.EnrolmentToken!))
        {
            using var first = await DigestModel.SubmitAsync(silo, over, VerificationPolicy.None, [1], [2]);
            var ended = await silo.Http.GetFromJsonAsync<JobStatus>($"/api/jobs/{over}?wait_ms=20000", GridJson.Wire);
            Assert.Equal(JobState.Completed, ended!.State);
        }

        using var second = await DigestModel.SubmitAsync(silo, running, VerificationPolicy.Quorum(2), [3]);
        var results = await silo.Http.GetStringAsync($"/api/jobs/{over}/results");
        var large = new byte[300_000];
        large[7] = 7;
        using var content = new ByteArrayContent(large);
        using var put = await silo.Http.PostAsync("/api/blobs", content);

        Assert.Equal((0, ""), await RunAsync(["backup", "--data", silo.Folder, "--to", Archive, .. from]));
        using var alive = await silo.Http.GetAsync("/health/ready");
        Assert.True(alive.IsSuccessStatusCode);
        await silo.StopAsync();

        Assert.Equal((0, ""), await RunAsync(["restore", "--data", Restored, "--from", Archive, .. to]));
        await using var again = await TestSilo.StartOnAsync(Restored, to);
        Assert.Equal(silo.Bootstrap.OperatorKey, again.Bootstrap.OperatorKey);
        Assert.Equal(results, await again.Http.GetStringAsync($"/api/jobs/{over}/results"));
        Assert.Equal(large, await again.Http.GetByteArrayAsync($"/api/blobs/{Sha256.Of(large)}"));
        await using var one = await TestWorker.StartAsync(again, again.Bootstrap.EnrolmentToken!);
        await using var two = await TestWorker.StartAsync(again, again.Bootstrap.EnrolmentToken!);
        var status = await again.Http.GetFromJsonAsync<JobStatus>($"/api/jobs/{running}?wait_ms=20000", GridJson.Wire);
        Assert.Equal((JobState.Completed, 0), (status!.State, status.InputsFailed));
    }

    private async Task BackUpEmptyGridAsync()
    {
        await using var silo = await TestSilo.StartAsync();
        using var content = new ByteArrayContent(new byte[100_000]);
        using var put = await silo.Http.PostAsync("/api/blobs", content);
        Assert.Equal((0, ""), await RunAsync("backup", "--data", silo.Folder, "--to", Archive));
    }

    private async Task DamageAsync(string damage)
    {
        var bytes = await File.ReadAllBytesAsync(Archive);
        switch (damage)
        {
            case "not a tar":
                await File.WriteAllBytesAsync(Archive, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("This is no backup. ", 100))));
                break;
            case "cut in the middle":
                await File.WriteAllBytesAsync(Archive, bytes[..(bytes.Length / 2)]);
                break;
            case "cut at the end":
                // At the beginning of an entry, as a tar without its end is still one.
                await RewriteAsync((name, content) => name == "digests.json" ? null : content);
                break;
            case "a byte changed":
                bytes[bytes.AsSpan().LastIndexOf(new byte[60_000]) + 30_000] = 1;
                await File.WriteAllBytesAsync(Archive, bytes);
                break;
            case "an entry added":
                await RewriteAsync((_, content) => content, ("files/grid.db", [1]));
                break;
            case "an entry left out":
                await RewriteAsync((name, content) => name.StartsWith("states/", StringComparison.Ordinal) ? null : content);
                break;
            case "empty":
                await File.WriteAllBytesAsync(Archive, []);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(damage));
        }
    }

    private async Task RewriteAsync(Func<string, byte[], byte[]?> change, params (string Name, byte[] Bytes)[] added)
    {
        var entries = new List<(string Name, byte[] Bytes)>();
        await using (var reader = new TarReader(File.OpenRead(Archive)))
        {
            while (await reader.GetNextEntryAsync() is { } entry)
            {
                var bytes = new byte[entry.Length];
                await (entry.DataStream ?? Stream.Null).ReadExactlyAsync(bytes);
                if (change(entry.Name, bytes) is { } changed)
                {
                    entries.Add((entry.Name, changed));
                }
            }
        }

        entries.InsertRange(1, added);
        await using var writer = new TarWriter(File.Create(Archive));
        foreach (var (name, bytes) in entries)
        {
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });
        }
    }

    private Task RequireNothingAsync()
    {
        Assert.Equal([Archive], Directory.GetFileSystemEntries(_folder));
        return Task.CompletedTask;
    }

    private static async Task<List<string>> TablesAsync(string connection)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand("SELECT tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')");
        await using var reader = await command.ExecuteReaderAsync();
        var tables = new List<string>();
        while (await reader.ReadAsync())
        {
            tables.Add(reader.GetString(0));
        }

        return tables;
    }

    private static async Task<(int Code, string Errors)> RunAsync(params string[] args)
    {
        using var errors = new StringWriter();
        return (await SiloProgram.RunAsync(args, TextWriter.Null, errors), errors.ToString());
    }
}
