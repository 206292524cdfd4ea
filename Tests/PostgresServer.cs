using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace PiGrid.Tests;

/// <summary>
/// A real PostgreSQL server of its own, in a temporary folder, reached through a socket in it: started from the programs that the operating system's package
/// installs, and stopped when it is disposed. Durable as it is by default.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly string[] Needed = ["initdb", "pg_ctl", "postgres"];
    private static readonly Lazy<string?> Programs = new(FindPrograms);

    private readonly string _folder;
    private Process? _process;

    private PostgresServer(string folder) => _folder = folder;

    /// <summary>Why tests that need a server are skipped; null where one can be started.</summary>
    public static string? SkipReason => Programs.Value is not null ? null
        : "PostgreSQL is absent: install the package 'postgresql' (initdb and postgres on PATH or in /usr/lib/postgresql/*/bin)";

    /// <summary>The connection string for the server's own database.</summary>
    public string Connection => ConnectionTo("postgres");

    private string Data => Path.Combine(_folder, "data");

    private string Log => Path.Combine(_folder, "log");

    /// <summary>Makes a server and starts it.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        var server = new PostgresServer(Directory.CreateTempSubdirectory("pigrid-pg-").FullName);
        if (Environment.IsPrivilegedProcess)
        {
            // The server refuses to run as root.
            await RunAsync("chown", "postgres", server._folder);
        }

        await RunAsync(AsUser("initdb", "--pgdata", server.Data, "--auth", "trust", "--username", "postgres", "--encoding", "UTF8", "--no-instructions"));
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>The connection string for a database.</summary>
    public string ConnectionTo(string database) => $"Host={_folder};Username=postgres;Database={database}";

    /// <summary>Makes a database with a name that no other test has; its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = "t" + Guid.NewGuid().ToString("N");
        await ExecuteAsync(Connection, $"CREATE DATABASE {name}");
        return ConnectionTo(name);
    }

    /// <summary>Runs a statement on a database.</summary>
    public static async Task ExecuteAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Starts the server that was stopped.</summary>
    public async Task StartAgainAsync()
    {
        await RunAsync(AsUser(
            "pg_ctl", "start", "--wait", "--silent", "--pgdata", Data, "--log", Log, "--options", $"-c listen_addresses='' -c unix_socket_directories='{_folder}'"));
        var first = (await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid")))[0];
        _process = Process.GetProcessById(int.Parse(first, CultureInfo.InvariantCulture));
    }

    /// <summary>Stops the server at once, as a crash would: connections break, and it recovers at its next start.</summary>
    public async Task StopAsync()
    {
        _process = null;
        await RunAsync(AsUser("pg_ctl", "stop", "--wait", "--silent", "--mode", "immediate", "--pgdata", Data));
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_process is not null)
        {
            await StopAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static string[] AsUser(string program, params string[] args)
    {
        string[] command = [Path.Combine(Programs.Value ?? throw new InvalidOperationException(SkipReason), program), .. args];
        return Environment.IsPrivilegedProcess ? ["runuser", "-u", "postgres", "--", .. command] : command;
    }

    private static async Task RunAsync(params string[] command)
    {
        // Its output goes nowhere that waits for the server to end: the server inherits it.
        var start = new ProcessStartInfo("sh", ["-c", "cd / && exec \"$0\" \"$@\" > /dev/null", .. command]);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{string.Join(' ', command)}' ended with {process.ExitCode}.");
        }
    }

    private static string? FindPrograms()
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        var packaged = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(d => Path.Combine(d, "bin"))
            : [];
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return packaged.Concat(onPath).FirstOrDefault(folder =>
            Needed.All(program => IsThere(Path.Combine(folder, program))));
    }

    // A link can outlive what it names.
    private static bool IsThere(string program) => File.Exists(program) && (File.ResolveLinkTarget(program, returnFinalTarget: true)?.Exists ?? true);
}

/// <summary>One server for all tests of the collection; each test class makes itself a database.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer? _server;

    public PostgresServer Server => _server ?? throw new InvalidOperationException(PostgresServer.SkipReason);

    public async Task InitializeAsync() => _server = PostgresServer.SkipReason is null ? await PostgresServer.StartAsync() : null;

    public async Task DisposeAsync() => await (_server?.DisposeAsync() ?? default);
}

/// <summary>Tests that share the server.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresTests : ICollectionFixture<PostgresFixture>
{
    public const string Name = "PostgreSQL";
}
