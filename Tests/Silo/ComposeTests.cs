using System.Text.RegularExpressions;

namespace PiGrid.Tests.Silo;

/// <summary>The container files, by their text: what they name must exist in this repository.</summary>
public sealed partial class ComposeTests
{
    private static readonly string Root = FindRoot();
    private static readonly string Compose = File.ReadAllText(Path.Combine(Root, "docker-compose.yml"));
    private static readonly string Dockerfile = File.ReadAllText(Path.Combine(Root, "eng", "docker", "Dockerfile"));

    [Fact]
    public void Compose_HasASiloAnOperatorNodeAndThreeAgents_EachWithItsVolume()
    {
        var services = Section("services");

        Assert.Equal(["silo", "operator-node", "agent-1", "agent-2", "agent-3"], services.Keys);
        Assert.Equal(services.Keys, Section("volumes").Keys);
        foreach (var (name, text) in services)
        {
            Assert.Contains($"- {name}:/data", text, StringComparison.Ordinal);
        }

        Assert.Contains("TOKEN_NAME: operator_node_token", services["operator-node"], StringComparison.Ordinal);
        Assert.All(services.Keys.Skip(2), agent => Assert.Contains("TOKEN_NAME: enrolment_token", services[agent], StringComparison.Ordinal));
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

    [GeneratedRegex(@"^FROM \S+ AS (\S+)", RegexOptions.Multiline)]
    private static partial Regex Targets();

    [GeneratedRegex(@"target: (\S+)")]
    private static partial Regex Wanted();

    [GeneratedRegex(@"dotnet publish (\w+) ")]
    private static partial Regex Published();
}
