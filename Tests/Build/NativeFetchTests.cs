using System.Diagnostics.CodeAnalysis;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace PiGrid.Tests.Build;

/// <summary>The step that brings native libraries, on a package of the test's own that holds one small file.</summary>
public sealed class NativeFetchTests : IDisposable
{
    private const string Member = "package/lib/libexample.so";
    private static readonly byte[] Content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("not really a library\n", 400)));

    private readonly Scratch _scratch = new();

    public NativeFetchTests()
    {
        Directory.CreateDirectory(Tarballs);
        using FileStream file = File.Create(Path.Combine(Tarballs, "scope-example-1.0.0.tgz"));
        using var gzip = new GZipStream(file, CompressionLevel.Fastest);
        using var tar = new TarWriter(gzip, TarEntryFormat.Ustar);
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "package/package.json") { DataStream = new MemoryStream([.. "{}"u8]) });
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, Member) { DataStream = new MemoryStream(Content) });
    }

    private string Tarballs => _scratch["tarballs"];

    private string Cached => _scratch["cache", "@scope", "example", "1.0.0", "test-x64", "libexample.so"];

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Fetch_WhenPackageIsAsPinned_ListsItsFilesAndLicences()
    {
        (await FetchAsync()).AssertSucceeded();

        string[] listed = await File.ReadAllLinesAsync(_scratch["list.txt"]);
        Assert.Equal(Cached, listed[0]);
        Assert.Equal(Path.Combine(TestData.RepositoryRoot, "eng", "native", "licences", "libvips-LGPL-3.0.txt"), listed[1]);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Cached));
        Assert.Single(Directory.GetFileSystemEntries(_scratch["cache", "@scope", "example", "1.0.0"]));
    }

    [Fact]
    public async Task Fetch_WhenIntegrityDiffers_SaysSoAndKeepsNothing()
    {
        string output = (await FetchAsync(integrity: "sha512-" + Convert.ToBase64String(new byte[64]))).AssertFailed();

        Assert.Contains("error PIGRID104", output, StringComparison.Ordinal);
        Assert.Contains("@scope/example@1.0.0", output, StringComparison.Ordinal);
        Assert.False(File.Exists(_scratch["list.txt"]));
        Assert.Empty(Directory.GetFiles(_scratch["cache"], "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Fetch_WhenAFileIsNotAsPinned_SaysWhich()
    {
        string output = (await FetchAsync(sha256: new string('0', 64))).AssertFailed();

        Assert.Contains("error PIGRID104", output, StringComparison.Ordinal);
        Assert.Contains(Member, output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_scratch["cache"], "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Fetch_WhenPackageLacksTheFile_SaysWhich()
    {
        string output = (await FetchAsync(member: "package/lib/other.so")).AssertFailed();

        Assert.Contains("PIGRID104", output, StringComparison.Ordinal);
        Assert.Contains("package/lib/other.so", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_WhenCachedFileWasDamaged_BringsItAgain()
    {
        (await FetchAsync()).AssertSucceeded();
        byte[] damaged = [.. Content];
        damaged[^1] ^= 1;
        await File.WriteAllBytesAsync(Cached, damaged);

        (await FetchAsync()).AssertSucceeded();

        Assert.Equal(Content, await File.ReadAllBytesAsync(Cached));
    }

    [Fact]
    public async Task Fetch_WhenTwoBuildsNeedIt_BringsItOnce()
    {
        Command[] both = await Task.WhenAll(FetchAsync(list: "a.txt"), FetchAsync(list: "b.txt"), FetchAsync(list: "c.txt"));

        string output = string.Concat(both.Select(fetch => fetch.AssertSucceeded()));
        Assert.Equal(2, output.Split("PiGrid: bringing @scope/example").Length);
        Assert.Equal(await File.ReadAllTextAsync(_scratch["a.txt"]), await File.ReadAllTextAsync(_scratch["b.txt"]));
    }

    [Fact]
    public async Task Fetch_WhenLockWasLeftByADeadProcess_BreaksIt()
    {
        (await FetchAsync()).AssertSucceeded();
        File.Delete(Cached);
        string abandoned = Path.GetDirectoryName(Cached)! + ".lock";
        await File.WriteAllTextAsync(abandoned, "0 elsewhere\n");
        File.SetLastWriteTimeUtc(abandoned, DateTime.UnixEpoch);

        (await FetchAsync()).AssertSucceeded();

        Assert.True(File.Exists(Cached));
        Assert.False(File.Exists(abandoned));
    }

    [Fact]
    public async Task Fetch_WhenPlatformHasNoPackage_ListsThoseThatHave()
    {
        string output = (await FetchAsync(rid: "plan9-mips")).AssertFailed();

        Assert.Contains("error PIGRID105", output, StringComparison.Ordinal);
        Assert.Contains("plan9-mips", output, StringComparison.Ordinal);
        Assert.Contains("test-x64", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_WhenTarballIsNotInItsFolder_SaysHowToGetIt()
    {
        File.Delete(Path.Combine(Tarballs, "scope-example-1.0.0.tgz"));

        string output = (await FetchAsync()).AssertFailed();

        Assert.Contains("error PIGRID103", output, StringComparison.Ordinal);
        Assert.Contains("npm pack @scope/example@1.0.0", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_WhenNpmIsMissing_SaysWhatToInstall()
    {
        string output = (await FetchAsync(node: FindNode(), environment: [("PIGRID_NATIVE_TARBALLS", null), ("PATH", _scratch.Folder)])).AssertFailed();

        Assert.Contains("error PIGRID101", output, StringComparison.Ordinal);
        Assert.Contains("Install Node.js", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_WhenRegistryIsUnreachable_SaysWhatToCheck()
    {
        string output = (await FetchAsync(environment:
            [("PIGRID_NATIVE_TARBALLS", null), ("npm_config_registry", "http://127.0.0.1:9/"), ("npm_config_fetch_retries", "0"), ("npm_config_cache", _scratch["npm"])])).AssertFailed();

        Assert.Contains("error PIGRID102", output, StringComparison.Ordinal);
        Assert.Contains("npm ping", output, StringComparison.Ordinal);
    }

    [SuppressMessage("Globalization", "CA1308", Justification = "The pin is lower-case hexadecimal.")]
    private async Task<Command> FetchAsync(
        string? integrity = null, string? sha256 = null, string member = Member, string rid = "test-x64", string list = "list.txt",
        string node = "node", (string Name, string? Value)[]? environment = null)
    {
        byte[] tarball = File.Exists(Path.Combine(Tarballs, "scope-example-1.0.0.tgz"))
            ? await File.ReadAllBytesAsync(Path.Combine(Tarballs, "scope-example-1.0.0.tgz"))
            : [];
        object pin = new
        {
            use = "example",
            name = "@scope/example",
            version = "1.0.0",
            integrity = integrity ?? "sha512-" + Convert.ToBase64String(SHA512.HashData(tarball)),
            licences = new[] { "libvips-LGPL-3.0.txt" },
            platforms = new Dictionary<string, object[]>
            {
                ["test-x64"] = [new { from = member, to = "libexample.so", size = Content.Length, sha256 = sha256 ?? Convert.ToHexString(SHA256.HashData(Content)).ToLowerInvariant() }],
            },
        };
        string packages = _scratch[$"packages-{list}.json"];
        await File.WriteAllTextAsync(packages, JsonSerializer.Serialize(new { packages = new[] { pin } }));
        return await Command.RunAsync(
            node,
            [Path.Combine(TestData.RepositoryRoot, "eng", "native", "fetch.mjs"), "--rid", rid, "--use", "example", "--list", _scratch[list], "--packages", packages],
            [("PIGRID_NATIVE_CACHE", _scratch["cache"]), ("PIGRID_NATIVE_TARBALLS", Tarballs), .. environment ?? []]);
    }

    private static string FindNode()
    {
        string name = OperatingSystem.IsWindows() ? "node.exe" : "node";
        return Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name)).First(File.Exists);
    }
}
