using Spectre.Console;

namespace PiGrid.Client.Cli;

/// <summary>A node's week, drawn: a line for each day, a block for each hour, the higher the more of that hour the node was connected.</summary>
internal static class AvailabilityChart
{
    private const string Blocks = " ▁▂▃▄▅▆▇█";
    private const char Unknown = '·';

    private static readonly string[] Days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    /// <summary>Draws the week; nothing when nothing is known.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="shares">The share of each hour of the week, Monday 0 h UTC first; -1 for unknown.</param>
    public static void Draw(IAnsiConsole console, IReadOnlyList<double> shares)
    {
        if (shares.Count != Days.Length * 24)
        {
            return;
        }

        console.WriteLine();
        console.WriteLine("Connected, by hour (UTC)");
        console.WriteLine("     0     6     12    18");
        for (var day = 0; day < Days.Length; day++)
        {
            console.WriteLine($"{Days[day]}  {Line(shares.Skip(day * 24).Take(24))}");
        }
    }

    /// <summary>One day's blocks.</summary>
    public static string Line(IEnumerable<double> shares) => string.Concat(shares.Select(Block));

    private static char Block(double share) => share < 0 ? Unknown : Blocks[(int)Math.Round(Math.Clamp(share, 0, 1) * (Blocks.Length - 1))];
}
