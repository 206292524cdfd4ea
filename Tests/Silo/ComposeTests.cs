using System.Text.RegularExpressions;

namespace PiGrid.Tests.Silo;

/// <summary>The container files, by their text: what they name must exist in this repository.</summary>
public sealed partial class ComposeTests
{
    private static readonly string Root = FindRoot();
    private static readonly string Compose = File.ReadAllText(Path.Combine(Root, "docker-compose.yml"));
    private static readonly string Front = File.ReadAllText(Path.Combine(Root, "eng", "docker", "Caddyfile"));
    private static readonly string Dockerfile = File.ReadAllText(Path.Combine(Root, "eng", "docker", "Dockerfile"));

    [Fact]
    public void Compose_HasAClusterBehindOneAddress_AnOperatorNodeAndThreeAgentsOfWhichOneLies()
    {
        var services = Section("services");
        string[] silos = ["silo-1", "silo-2"], nodes = ["operator-node", "agent-1", "agent-2", "agent-liar"];

        Assert.Equal(["postgres", .. silos, "front", "tokens", .. nodes], services.Keys);
        foreach (var name in silos.Concat(nodes))
        {
            Assert.Contains($"- {name}:/data", services[name], StringComparison.Ordinal);
        }

        Assert.All(silos, silo => Assert.Contains($"{silo}:8470", Front, StringComparison.Ordinal));
        Assert.Contains("health_uri /health/ready", Front, StringComparison.Ordinal);
        Assert.Contains("- operator-token:/tokens:ro", services["operator-node"], StringComparison.Ordinal);
        Assert.All(nodes.Skip(1), agent => Assert.Contains("- enrolment-token:/tokens:ro", services[agent], StringComparison.Ordinal));
        Assert.Equal(["agent-liar"], nodes.Where(node => services[node].Contains("\"--fault\", \"forge\"", StringComparison.Ordinal)));
        Assert.Contains("network_mode: service:front", services["agent-liar"], StringComparison.Ordinal);
    }

    [Fact]
    public void Compose_MountsNothingThatItDoesNotDeclareAndDeclaresNothingElse()
    {
        var mounted = Mounts().Matches(Compose).Select(m => m.Groups[1].Value).Distinct().Order();

        Assert.Equal(Declared("volumes").Order(), mounted);
        Assert.Equal(["front", "private"], Declared("networks").Order());
        Assert.All(Files().Matches(Compose), m => Assert.True(File.Exists(Path.Combine(Root, m.Groups[1].Value)), m.Value));
    }

    [Fact]
    public void Compose_KeepsTheSilosPortsAndTheKeyFromTheNodes()
    {
        var services = Section("services");

        foreach (var (name, text) in services.Where(s => s.Key.StartsWith("silo-", StringComparison.Ordinal)))
        {
            // A name of the private network: the engine listens on its address alone.
            Assert.Contains($"PIGRID_Cluster__Advertise: {name}-private", text, StringComparison.Ordinal);
            Assert.Contains($"private:\n        aliases: [{name}-private]", text, StringComparison.Ordinal);
        }

        Assert.Equal(["postgres", "silo-1", "silo-2"], services.Where(s => s.Value.Contains("private", StringComparison.Ordinal)).Select(s => s.Key));
        Assert.Equal(["silo-1", "silo-2", "tokens"], services.Where(s => s.Value.Contains("- shared:", StringComparison.Ordinal)).Select(s => s.Key));
    }

    [Fact]
    public void Compose_PublishesPlainHttpOnThisMachineAlone() =>
        Assert.All(Ports().Matches(Compose), port => Assert.StartsWith("127.0.0.1:", port.Groups[1].Value, StringComparison.Ordinal));

    [Fact]
    public void Dockerfile_HasTheTargetsAndPublishesTheProgramsThatItStarts()
    {
        var targets = Targets().Matches(Dockerfile).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.All(Wanted().Matches(Compose), t => Assert.Contains(t.Groups[1].Value, targets));
        foreach (Match published in Published().Matches(Dockerfile))
        {
            var project = published.Groups[1].Value;
            Assert.True(File.Exists(Path.Combine(Root, project, project + ".csproj")), project);
            Assert.Contains($"PiGrid.{project}.dll", Dockerfile, StringComparison.Ordinal);
        }

        Assert.Equal(2, Published().Count(Dockerfile));
        Assert.Contains("USER $APP_UID", Dockerfile, StringComparison.Ordinal);
    }

    [Fact]
    public void Compose_HasNoTabsAndIndentsByTwo() =>
        Assert.All(Compose.Split('\n'), line => Assert.True(!line.Contains('\t', StringComparison.Ordinal) && line.TakeWhile(c => c == ' ').Count() % 2 == 0, line));

    // The members of a top-level mapping and the text of each.
    private static Dictionary<string, string> Section(string name)
    {
        var text = Regex.Match(Compose, $@"^{name}:\n((?:  .*\n|\n)*)", RegexOptions.Multiline).Groups[1].Value;
        return Members().Matches(text).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
    }

    private static IEnumerable<string> Declared(string section) => Names().Matches(Compose[Compose.IndexOf($"\n{section}:\n", StringComparison.Ordinal)..].Split("\n\n")[0])
        .Select(m => m.Groups[1].Value);

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "PiGrid.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }

        return folder;
    }

    [GeneratedRegex(@"^  ([\w-]+):[ ]*\n((?:    .*\n|\n)*)", RegexOptions.Multiline)]
    private static partial Regex Members();

    [GeneratedRegex("- \"([\\d.:]*:8470)\"")]
    private static partial Regex Ports();

    [GeneratedRegex(@"^      - ([\w-]+):/", RegexOptions.Multiline)]
    private static partial Regex Mounts();

    [GeneratedRegex(@"^      - \./([^:]+):", RegexOptions.Multiline)]
    private static partial Regex Files();

    [GeneratedRegex(@"^  ([\w-]+):$", RegexOptions.Multiline)]
    private static partial Regex Names();

    [GeneratedRegex(@"^FROM \S+ AS (\S+)", RegexOptions.Multiline)]
    private static partial Regex Targets();

    [GeneratedRegex(@"target: (\S+)")]
    private static partial Regex Wanted();

    [GeneratedRegex(@"dotnet publish (\w+) ")]
    private static partial Regex Published();
}
