using System.Text.Json;

namespace PiGrid.Tests.Client;

/// <summary>The command line as scripts see it: real runs of the built program, their exit codes and what they write.</summary>
public sealed class CommandLineTests
{
    // Nothing listens on port 1 of loopback.
    private const string Nowhere = "http://127.0.0.1:1";

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("job", "submit", "--help")]
    [InlineData("demo", "--help")]
    public async Task Help_WhenAsked_ExitsWithZero(params string[] arguments)
    {
        var run = await ClientProgram.RunAsync(arguments);

        Assert.Equal(0, run.ExitCode);
        Assert.NotEmpty(run.Output);
    }

    [Theory]
    [InlineData("command", new string[0])]
    [InlineData("Unrecognized", new[] { "frobnicate" })]
    [InlineData("--model", new[] { "job", "submit", "x.png", "--url", Nowhere })]
    [InlineData("NAME@VERSION", new[] { "job", "submit", "x.png", "--model", "nothing", "--url", Nowhere })]
    [InlineData("quorum(K)", new[] { "job", "submit", "x.png", "--model", "m@1", "--policy", "two", "--url", Nowhere })]
    [InlineData("j_", new[] { "job", "watch", "nonsense", "--url", Nowhere })]
    [InlineData("PIGRID_URL", new[] { "job", "list" })]
    [InlineData("http://HOST:PORT", new[] { "job", "list", "--url", "grid.example" })]
    [InlineData("exactly one way", new[] { "job", "submit", "--model", "m@1", "--url", Nowhere })]
    [InlineData("exactly one way", new[] { "job", "submit", "x.png", "--text", "y", "--model", "m@1", "--url", Nowhere })]
    [InlineData("names no file", new[] { "job", "submit", "/nowhere/x.png", "--model", "m@1", "--url", Nowhere })]
    [InlineData("--deadline", new[] { "job", "submit", "--text", "y", "--model", "m@1", "--deadline", "soon", "--url", Nowhere })]
    [InlineData("cannot be read", new[] { "model", "push", "/nowhere/manifest.json", "--url", Nowhere })]
    [InlineData("cannot be read", new[] { "node", "list", "--url", Nowhere, "--key-file", "/nowhere/key" })]
    [InlineData("operator_node", new[] { "token", "create", "--kind", "king", "--name", "x", "--url", Nowhere })]
    [InlineData("ndjson", new[] { "node", "list", "--format", "xml", "--url", Nowhere })]
    [InlineData("--input", new[] { "infer", "m", "--url", Nowhere })]
    [InlineData("too few", new[] { "demo", "--nodes", "2" })]
    [InlineData("1 to 64", new[] { "demo", "--nodes", "1000" })]
    public async Task CommandLine_WhenInvalid_ExitsWithTwoAndSaysWhatToDo(string expected, string[] arguments)
    {
        var run = await ClientProgram.RunAsync(arguments);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(run.Output.Replace("\n", "", StringComparison.Ordinal).Trim());
    }

    [Fact]
    public async Task CommandLine_WhenInvalidAndJsonIsAsked_WritesOneErrorObject()
    {
        var run = await ClientProgram.RunAsync(["job", "submit", "--json", "--url", Nowhere]);

        using var answer = JsonDocument.Parse(run.Output);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("usage", answer.RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Command_WhenNoGridAnswers_ExitsWithFour()
    {
        var run = await ClientProgram.RunAsync(["job", "list", "--json"], new Dictionary<string, string?> { ["PIGRID_URL"] = Nowhere });

        using var answer = JsonDocument.Parse(run.Output);
        Assert.Equal(4, run.ExitCode);
        Assert.Equal("unreachable", answer.RootElement.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains(Nowhere, run.Errors, StringComparison.Ordinal);
    }
}
