using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using PiGrid.Api;
using PiGrid.Silo.Hosting;

namespace PiGrid.Tests.Silo;

/// <summary>What keeps a silo from starting: each is said in one line with a remedy, and has its exit status.</summary>
public sealed class StartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pigrid-start-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Start_WhenSettingsAreWrong_ListsAllOfThem()
    {
        var (code, errors) = await RunAsync(
            "--data", _folder, "--nonsense", "--Jobs:InputMax=4", "--Jobs:ShardInputsMax=0", "--Jobs:IndexedInputsMax=2000000000",
            "--Nodes:Heartbeat=soon", "--Nope:X=1", "--urls", "http://0.0.0.0:0");

        Assert.Equal((int)ExitCode.InvalidSettings, code);
        Assert.Collection(
            errors.Order(StringComparer.Ordinal),
            e => Assert.Contains("'--nonsense' is not an option", e, StringComparison.Ordinal),
            e => Assert.Matches("'http://0.0.0.0:0' is plain HTTP that others can reach.*give --insecure", e),
            e => Assert.Contains("Jobs:IndexedInputsMax: ", e, StringComparison.Ordinal),
            e => Assert.Contains("Jobs:InputMax: there is no such setting", e, StringComparison.Ordinal),
            e => Assert.Contains("Jobs:ShardInputsMax: ", e, StringComparison.Ordinal),
            e => Assert.Contains("Nodes:Heartbeat: 'soon' is not a time", e, StringComparison.Ordinal),
            e => Assert.Contains("Nope:X: there is no section 'Nope'", e, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_WhenThePortIsInUse_NamesIt()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

        var (code, errors) = await RunAsync("--data", _folder, "--urls", url);

        Assert.Equal((int)ExitCode.Address, code);
        var error = Assert.Single(errors);
        Assert.Contains(url, error, StringComparison.Ordinal);
        Assert.Contains("another address with --urls", error, StringComparison.Ordinal);
        // The folder is free again: the failed start has let go of it.
        DataFolder.Take(_folder).Dispose();
    }

    [Fact]
    public async Task Start_WhenAnotherSiloHasTheFolder_NamesItsProcess()
    {
        await using var silo = await TestSilo.StartAsync();

        var (code, errors) = await RunAsync("--data", silo.Folder, "--urls", "http://127.0.0.1:0");

        Assert.Equal((int)ExitCode.DataFolderInUse, code);
        var error = Assert.Single(errors);
        Assert.Contains($"process {Environment.ProcessId}", error, StringComparison.Ordinal);
        Assert.Contains("another folder with --data", error, StringComparison.Ordinal);
        using var response = await silo.Http.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Start_WhenTheFolderIsAFile_NamesIt()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "");

        var (code, errors) = await RunAsync("--data", file, "--urls", "http://127.0.0.1:0");

        Assert.Equal((int)ExitCode.DataFolder, code);
        Assert.Contains(file, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grid.db")]
    [InlineData("grid.key")]
    [InlineData("bootstrap.json")]
    public async Task Start_WhenAFileIsGarbage_NamesItAndTheRemedy(string name)
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder, name), Enumerable.Repeat((byte)'x', 8192).ToArray());

        var (code, errors) = await RunAsync("--data", _folder, "--urls", "http://127.0.0.1:0");

        Assert.Equal((int)ExitCode.DataFolder, code);
        var error = Assert.Single(errors);
        Assert.Contains(Path.Combine(_folder, name), error, StringComparison.Ordinal);
        Assert.Contains("restore", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WhenAPageOfTheDatabaseIsDamaged_NamesTheFileAndTheRemedy()
    {
        await using var silo = await TestSilo.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => silo.CreateTokenAsync(CredentialKind.Developer)));
        await silo.StopAsync();
        var file = Path.Combine(silo.Folder, "grid.db");
        var kept = await File.ReadAllBytesAsync(file);
        using (var stream = File.OpenWrite(file))
        {
            stream.Position = 4096;
            stream.Write(Enumerable.Repeat((byte)0xa5, 8192).ToArray());
        }

        var (code, errors) = await RunAsync("--data", silo.Folder, "--urls", "http://127.0.0.1:0");

        Assert.Equal((int)ExitCode.DataFolder, code);
        var error = Assert.Single(errors);
        Assert.Contains($"{file} is damaged", error, StringComparison.Ordinal);
        Assert.Contains("restore", error, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(file, kept);
        await silo.StartAgainAsync();
    }

    [Theory]
    [InlineData("http://127.0.0.1:80", true)]
    [InlineData("http://[::1]:80", true)]
    [InlineData("http://localhost:80", true)]
    [InlineData("https://0.0.0.0:443", true)]
    [InlineData("http://0.0.0.0:80", false)]
    [InlineData("http://*:80", false)]
    [InlineData("http://+:80", false)]
    [InlineData("http://[::]:80", false)]
    [InlineData("http://grid.example:80", false)]
    [InlineData("ftp://127.0.0.1", false)]
    [InlineData("nonsense", false)]
    public void Addresses_WhenPlainHttpIsOffLoopback_AreRefused(string url, bool isAllowed)
    {
        Assert.Equal(isAllowed, !AddressRules.Check([url], insecure: false).Any());
        Assert.Equal(url.StartsWith("http", StringComparison.Ordinal), !AddressRules.Check([url], insecure: true).Any());
    }

    [Fact]
    public async Task Start_InANewFolder_MakesABootstrapThatOnlyItsOwnerReads()
    {
        await using var silo = await TestSilo.StartAsync();

        Assert.Equal(silo.Url, new Uri(silo.Bootstrap.Url));
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            foreach (var name in new[] { "bootstrap.json", "grid.key", "grid.db" })
            {
                Assert.Equal(OwnerOnly, File.GetUnixFileMode(Path.Combine(silo.Folder, name)));
            }
        }
    }

    [Fact]
    public async Task Start_Again_KeepsTheKeysAndForgetsNone()
    {
        await using var silo = await TestSilo.StartAsync();
        var (key, grid) = (silo.Bootstrap.OperatorKey, await GridAsync(silo));

        await silo.StopAsync();
        await silo.StartAgainAsync();

        Assert.Equal(key, silo.Bootstrap.OperatorKey);
        Assert.Equal(grid.GridKey, (await GridAsync(silo)).GridKey);
        Assert.Equal(3, (await silo.Grains.GetGrain<IAccessGrain>(IAccessGrain.Key).List()).Count);
    }

    [Fact]
    public async Task Start_AfterTheBootstrapFileWasDeleted_DoesNotMakeNewKeys()
    {
        await using var silo = await TestSilo.StartAsync();
        var file = Path.Combine(silo.Folder, "bootstrap.json");
        var kept = await File.ReadAllBytesAsync(file);
        await silo.StopAsync();
        File.Delete(file);

        // The helper reads the file after the start; so the silo is started by hand.
        await using (var app = SiloHost.Build(TestSilo.Arguments(silo.Folder)))
        {
            await SiloProgram.StartAsync(app);
            Assert.False(File.Exists(file));
            await app.StopAsync();
        }

        await File.WriteAllBytesAsync(file, kept);
        await silo.StartAgainAsync();
        Assert.Equal(JsonSerializer.Deserialize<Bootstrap>(kept, GridJson.Wire)!.OperatorKey, silo.Bootstrap.OperatorKey);
    }

    private static async Task<GridInfo> GridAsync(TestSilo silo) =>
        JsonSerializer.Deserialize<GridInfo>(await silo.Http.GetStringAsync("/api/grid"), GridJson.Wire)!;

    private static async Task<(int Code, string[] Errors)> RunAsync(params string[] args)
    {
        using var errors = new StringWriter();
        var code = await SiloProgram.RunAsync(args, TextWriter.Null, errors);
        return (code, errors.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }
}
