using PiGrid.NodeAgent.Cli;

namespace PiGrid.Tests.NodeAgent;

/// <summary>What the agent's command line takes.</summary>
public class RunCommandTests
{
    [Theory]
    [InlineData("--slots", "0", "--slots is 1 to 1024.")]
    [InlineData("--slots", "1025", "--slots is 1 to 1024.")]
    [InlineData("--slots", "1.5", "--slots is 1 to 1024.")]
    [InlineData("--calls-ahead", "-1", "--calls-ahead is 0 to 1024.")]
    [InlineData("--coalesce-ms", "1001", "--coalesce-ms is 0 to 1000.")]
    [InlineData("--coalesce-ms", "x", "--coalesce-ms is 0 to 1000.")]
    public void Number_WhenItIsNoneOrOutOfRange_IsRefused(string option, string text, string expected) => Assert.Contains(Errors(option, text), error => error == expected);

    [Theory]
    [InlineData("--slots", "1024")]
    [InlineData("--calls-ahead", "0")]
    [InlineData("--coalesce-ms", "1000")]
    public void Number_WithinItsRange_IsTaken(string option, string text) => Assert.Empty(Errors(option, text));

    private static string[] Errors(string option, string text) =>
        [.. RunCommand.Build().Parse(["--grid", "http://127.0.0.1:1", "--data", "folder", option, text]).Errors.Select(error => error.Message)];
}
