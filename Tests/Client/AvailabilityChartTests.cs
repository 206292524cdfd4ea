using PiGrid.Client.Cli;
using Spectre.Console;

namespace PiGrid.Tests.Client;

public class AvailabilityChartTests
{
    [Fact]
    public void Line_OfShares_IsHigherTheMoreTheNodeWasConnected() =>
        Assert.Equal("· ▄█", AvailabilityChart.Line([-1, 0, 0.5, 1]));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(168, 10)]
    public void Draw_OfAWeek_HasALineForEachDay(int hours, int lines)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) });

        AvailabilityChart.Draw(console, Enumerable.Repeat(0.5, hours).ToArray());

        Assert.Equal(lines, text.ToString().Count(c => c == '\n'));
    }
}
