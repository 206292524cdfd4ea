using System.Security.Cryptography;
using PiGrid.Tests.Build;

namespace PiGrid.Tests.Batches;

/// <summary>OpenAI's own client from npm, unmodified, against a silo. npm brings it once, by its pinned hash, into a folder under artifacts.</summary>
public sealed class OpenAiClientTests : IAsyncLifetime
{
    private BatchGrid _grid = null!;

    public async Task InitializeAsync() => _grid = await BatchGrid.StartAsync();

    public async Task DisposeAsync() => await _grid.DisposeAsync();

    [NpmFact]
    public async Task Client_Unmodified_RunsBatchesFromFileToFile()
    {
        await _grid.AddWorkerAsync();
        var folder = await InstallAsync();
        var key = await _grid.Silo.CreateTokenAsync(CredentialKind.Developer);

        var output = (await Command.RunAsync(
            "node", [Path.Combine(folder, "batch.mjs")], ("OPENAI_BASE_URL", new Uri(_grid.Silo.Url, "/v1").ToString()), ("OPENAI_API_KEY", key))).AssertSucceeded();

        Assert.EndsWith("done", output.TrimEnd(), StringComparison.Ordinal);
    }

    // A folder for each state of the sources, so that what is there is what they say.
    private static async Task<string> InstallAsync()
    {
        var sources = Directory.GetFiles(Path.Combine(TestData.RepositoryRoot, "Tests", "Batches", "OpenAi")).Order(StringComparer.Ordinal).ToArray();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var source in sources)
        {
            hash.AppendData(await File.ReadAllBytesAsync(source));
        }

        var folder = Path.Combine(TestData.RepositoryRoot, "artifacts", "openai-client", Convert.ToHexStringLower(hash.GetHashAndReset())[..16]);
        if (!Directory.Exists(folder))
        {
            var making = Directory.CreateDirectory($"{folder}.{Environment.ProcessId}").FullName;
            foreach (var source in sources)
            {
                File.Copy(source, Path.Combine(making, Path.GetFileName(source)), overwrite: true);
            }

            string[] install = ["ci", "--prefix", making, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

            // npm is a .cmd file on Windows, which only a shell starts.
            (await (OperatingSystem.IsWindows() ? Command.RunAsync("cmd", ["/c", "npm", .. install]) : Command.RunAsync("npm", install))).AssertSucceeded();
            Directory.Move(making, folder);
        }

        return folder;
    }
}

/// <summary>A fact that installs a package with npm, skipped where the build, too, does without a registry.</summary>
public sealed class NpmFactAttribute : FactAttribute
{
    public NpmFactAttribute() => Skip = Environment.GetEnvironmentVariable("PIGRID_NATIVE_TARBALLS") is null or ""
        ? null
        : "npm has no registry: PIGRID_NATIVE_TARBALLS is set";
}
