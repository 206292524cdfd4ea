using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PiGrid.Tests.Build;

/// <summary>What the project's own text promises.</summary>
public partial class SourceTextTests
{
    private static readonly string[] ProductFolders = ["Grains.Abstractions", "Grains", "Silo", "Client", "NodeAgent"];

    [GeneratedRegex(@"^\s*#\s*if\b", RegexOptions.Multiline)]
    private static partial Regex Conditional { get; }

    [Fact]
    public void ProductCode_WhenRead_HasOneSourceForBothEngines()
    {
        string[] conditional = [.. ProductFolders.SelectMany(Sources).Where(file => Conditional.IsMatch(File.ReadAllText(file)))];

        Assert.Empty(conditional);
    }

    [Fact]
    public void PackageVersions_WhenRead_NameTheWishedPackages()
    {
        string[] named = [.. XDocument.Load(Root("Directory.Packages.props")).Descendants("PackageVersion").Select(v => v.Attribute("Include")!.Value)];

        Assert.Superset(
            new HashSet<string>
            {
                "Microsoft.Orleans.Server", "Microsoft.Orleans.Client", "Microsoft.Orleans.Persistence.AdoNet", "Microsoft.Orleans.TestingHost",
                "Microsoft.ML.OnnxRuntime", "OpenTelemetry.Extensions.Hosting", "xunit",
            },
            named.ToHashSet());
    }

    [Fact]
    public void EngineProbe_WhenRead_AsksForEveryOfficialPackageInUse()
    {
        HashSet<string> probed = [.. References(XDocument.Load(Root("eng", "probe", "Engine.csproj")))];
        string[] files = [.. Directory.GetFiles(TestData.RepositoryRoot, "*.csproj", SearchOption.AllDirectories).Where(IsSource), .. Directory.GetFiles(Root("eng"), "*.props")];

        HashSet<string> used = [.. files.Where(f => !f.Contains($"{Path.DirectorySeparatorChar}probe{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(f => References(XDocument.Load(f))).Where(name => name.StartsWith("Microsoft.Orleans.", StringComparison.Ordinal) || name.StartsWith("Microsoft.ML.", StringComparison.Ordinal))];

        Assert.NotEmpty(used);
        Assert.Superset(used, probed);
    }

    [Fact]
    public void Projects_WhenRead_TakeWhatTheFrameworkHasFromIt()
    {
        // The official packages ask for packages that the framework has, and a feed may carry those in versions that do not go together.
        string[] files = [.. Directory.GetFiles(TestData.RepositoryRoot, "*.csproj", SearchOption.AllDirectories)
            .Where(file => IsSource(file) && !file.Contains("OnnxRuntime.csproj", StringComparison.Ordinal))];

        Assert.Contains(files, file => Path.GetFileName(file) == "Engine.csproj");
        Assert.All(files, file => Assert.True(
            XDocument.Load(file).Root is { } project && (project.Attribute("Sdk")?.Value == "Microsoft.NET.Sdk.Web"
                || project.Descendants("FrameworkReference").Any(r => r.Attribute("Include")?.Value == "Microsoft.AspNetCore.App")),
            file));
    }

    [Fact]
    public void EmbeddedEngine_WhenCounted_StaysSmall()
    {
        int lines = Sources("Embedded").Sum(file => File.ReadLines(file).Count(line => !string.IsNullOrWhiteSpace(line)));

        Assert.InRange(lines, 1, 3_500);
    }

    [Fact]
    public void ProductAssemblies_WhenAsked_NameTheirEngine()
    {
        string[] assemblies = Directory.GetFiles(AppContext.BaseDirectory, "PiGrid.*.dll");

        Assert.Contains(assemblies, file => Path.GetFileName(file) == "PiGrid.NodeAgent.dll");
        Assert.All(assemblies, file => Assert.Matches(@"^(Embedded|Orleans 10\.\d+\.\d+)$", Engine(Assembly.LoadFrom(file))));
    }

    private static string Engine(Assembly assembly) =>
        assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(m => m.Key == "PiGrid.Engine").Value!;

    private static string Root(params string[] parts) => Path.Combine([TestData.RepositoryRoot, .. parts]);

    private static IEnumerable<string> Sources(string folder) => Directory.GetFiles(Root(folder), "*.cs", SearchOption.AllDirectories).Where(IsSource);

    private static bool IsSource(string file) => !Path.GetRelativePath(TestData.RepositoryRoot, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "artifacts");

    private static IEnumerable<string> References(XDocument project) => project.Descendants("PackageReference").Select(r => r.Attribute("Include")!.Value);
}
