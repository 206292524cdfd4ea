using System.Text.Json;
using System.Xml.Linq;

namespace PiGrid.Tests.Build;

/// <summary>The very first restore of a checkout, against the feeds of this machine.</summary>
public sealed class FreshCloneTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task FirstRestore_OfAFreshCheckout_ChoosesTheEngineThatItRestores()
    {
        CopySources(new DirectoryInfo(TestData.RepositoryRoot), _scratch["clone"]);

        string output = (await Command.RunAsync("dotnet", ["restore", _scratch["clone", "NodeAgent"], "--nologo", "-tl:off", "-nodeReuse:false"], ("Engine", null))).AssertSucceeded();

        string engine = XDocument.Load(_scratch["clone", "artifacts", "engine.props"]).Descendants("Engine").Single().Value;
        using JsonDocument assets = JsonDocument.Parse(await File.ReadAllTextAsync(_scratch["clone", "NodeAgent", "Inference", "obj", "project.assets.json"]));
        string[] restored = [.. assets.RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Name.Split('/')[0])];
        Assert.Contains($"PiGrid: engine {engine}", output, StringComparison.Ordinal);
        Assert.Contains(engine == "Orleans" ? "Microsoft.ML.OnnxRuntime" : "PiGrid.Embedded.OnnxRuntime", restored);
        Assert.DoesNotContain(engine == "Orleans" ? "PiGrid.Embedded.OnnxRuntime" : "Microsoft.ML.OnnxRuntime", restored);
    }

    /// <summary>What a clone has: no build outputs, no choice made earlier.</summary>
    private static void CopySources(DirectoryInfo from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (FileInfo file in from.EnumerateFiles())
        {
            file.CopyTo(Path.Combine(to, file.Name));
        }
        foreach (DirectoryInfo folder in from.EnumerateDirectories().Where(f => f.Name is not ("bin" or "obj" or "artifacts" or ".git" or "TestResults" or "node_modules")))
        {
            CopySources(folder, Path.Combine(to, folder.Name));
        }
    }
}
