using System.Text.Json;
using System.Xml.Linq;

namespace PiGrid.Tests.Build;

/// <summary>What the engine choice concludes from the answers that a package feed can give.</summary>
public sealed class EngineChoiceTests : IDisposable
{
    private const string NoPackage = "/r/eng/probe/Engine.csproj : error NU1101: Unable to find package Microsoft.Orleans.Runtime. No packages exist with this id in source(s): feed [/r/eng/probe/Probe.slnx]";
    private const string NoVersion = "/r/eng/probe/Engine.csproj : error NU1102: Unable to find package Microsoft.Orleans.Client with version (>= 10.4.2) [/r/eng/probe/Probe.slnx]";
    private const string NoTelemetry = "/r/eng/probe/Telemetry.csproj : error NU1101: Unable to find package OpenTelemetry.Extensions.Hosting. No packages exist with this id in source(s): feed [/r/eng/probe/Probe.slnx]";
    private const string Unreachable = "/r/eng/probe/Engine.csproj : error NU1301: Unable to load the service index for source feed. [/r/eng/probe/Probe.slnx]";
    private const string OtherVersion = "/r/eng/probe/Engine.csproj : warning NU1603: Microsoft.Orleans.Server 10.4.2 depends on Polly (>= 8.6.4) but Polly 8.6.4 was not found.";

    private readonly Scratch _scratch = new();

    private string EngineFile => _scratch["artifacts", "engine.props"];

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("Orleans", "true", 0)]
    [InlineData("Orleans", "true", 0, OtherVersion)]
    [InlineData("Orleans", "false", 1, NoTelemetry)]
    [InlineData("Embedded", "true", 1, OtherVersion, NoPackage)]
    [InlineData("Embedded", "false", 1, NoPackage, NoTelemetry, NoVersion, NoVersion)]
    public async Task Choice_WhenFeedAnswers_IsWrittenAndSaid(string engine, string telemetry, int exitCode, params string[] answer)
    {
        string output = (await ChooseAsync(await AnswerAsync(answer, exitCode))).AssertSucceeded();

        string[] said = [.. output.Split('\n').Where(line => line.Contains("PiGrid: engine ", StringComparison.Ordinal))];
        Assert.Contains($"PiGrid: engine {engine}, since the package feed", Assert.Single(said), StringComparison.Ordinal);
        Assert.Equal(engine, Written("Engine"));
        Assert.Equal(telemetry, Written("TelemetryHosting"));
        Assert.NotEqual("", Written("PiGridEngineFeeds"));
    }

    [Fact]
    public async Task Choice_WhenPackagesAreMissing_NamesEachOnce()
    {
        (await ChooseAsync(await AnswerAsync([NoPackage, NoVersion, NoPackage], 1))).AssertSucceeded();

        Assert.Equal("Microsoft.Orleans.Runtime, Microsoft.Orleans.Client", Written("PiGridEngineMissing"));
        Assert.Contains("Microsoft.Orleans.Runtime nor 1 more", Written("PiGridEngineReason"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, Unreachable)]
    [InlineData(1, NoPackage, Unreachable)]
    [InlineData(1, "MSBUILD : error MSB1009: Project file does not exist.")]
    [InlineData(134, "Aborted")]
    public async Task Choice_WhenFeedDoesNotAnswer_FailsAndWritesNothing(int exitCode, params string[] answer)
    {
        string output = (await ChooseAsync(await AnswerAsync(answer, exitCode))).AssertFailed();

        Assert.Contains("error PIGRID201", output, StringComparison.Ordinal);
        Assert.Contains("-p:Engine=Embedded", output, StringComparison.Ordinal);
        Assert.False(File.Exists(EngineFile));
    }

    [Fact]
    public async Task Choice_WhenFeedHangs_FailsAndWritesNothing()
    {
        string output = (await ChooseAsync(await ScriptAsync("setTimeout(() => {}, 240_000);"), "-p:PiGridProbeTimeoutMs=1000")).AssertFailed();

        Assert.Contains("no answer within 1000 ms", output, StringComparison.Ordinal);
        Assert.False(File.Exists(EngineFile));
    }

    [Fact]
    public async Task Choice_WhenMadeAlready_AsksNoFeed()
    {
        (await ChooseAsync(await AnswerAsync([NoPackage], 1))).AssertSucceeded();

        string output = (await ChooseAsync(await ScriptAsync("process.exit(7);"))).AssertSucceeded();

        Assert.Contains("PiGrid: engine Embedded, since", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Choice_WhenItsBasisChanged_IsMadeAnew()
    {
        (await ChooseAsync(await AnswerAsync([NoPackage], 1))).AssertSucceeded();
        string text = await File.ReadAllTextAsync(EngineFile);
        await File.WriteAllTextAsync(EngineFile, text.Replace("<!-- basis ", "<!-- basis 1", StringComparison.Ordinal));

        (await ChooseAsync(await AnswerAsync([], 0))).AssertSucceeded();

        Assert.Equal("Orleans", Written("Engine"));
    }

    [Fact]
    public async Task Choice_WhenGiven_IsTakenWithoutAsking()
    {
        string output = (await ChooseAsync(await ScriptAsync("process.exit(7);"), "-p:Engine=Orleans")).AssertSucceeded();

        Assert.Contains("PiGrid: engine Orleans, as given", output, StringComparison.Ordinal);
        Assert.False(File.Exists(EngineFile));
    }

    [Fact]
    public async Task Choice_WhenGivenAnUnknownEngine_IsRefused()
    {
        string output = (await ChooseAsync(await ScriptAsync("process.exit(7);"), "-p:Engine=Akka")).AssertFailed();

        Assert.Contains("error PIGRID200", output, StringComparison.Ordinal);
        Assert.Contains("'Akka'", output, StringComparison.Ordinal);
    }

    private Task<Command> ChooseAsync(string probe, params string[] more) => Command.RunAsync(
        "dotnet",
        ["msbuild", Path.Combine(TestData.RepositoryRoot, "eng", "EngineChoice.targets"), "-t:PiGridChooseEngine", "-nologo", "-tl:off", "-v:m", "-nodeReuse:false",
            "-p:MSBuildIsRestoring=true", $"-p:PiGridEngineFile={EngineFile}", $"-p:PiGridProbeCommand={probe}", .. more],
        ("Engine", null));

    /// <summary>A command that prints what a feed's probe printed, and ends as it ended.</summary>
    private Task<string> AnswerAsync(string[] lines, int exitCode) =>
        ScriptAsync($"console.log({JsonSerializer.Serialize(string.Join('\n', lines))}); process.exitCode = {exitCode};");

    private async Task<string> ScriptAsync(string text)
    {
        string script = _scratch["answer.mjs"];
        await File.WriteAllTextAsync(script, text);
        return $"node \"{script}\"";
    }

    private string Written(string property) => XDocument.Load(EngineFile).Descendants(property).Single().Value;
}
