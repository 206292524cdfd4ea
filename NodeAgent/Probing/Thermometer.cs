using System.Globalization;

namespace PiGrid.NodeAgent.Probing;

/// <summary>The processor's temperature from Linux's thermal zones; nothing elsewhere, and nothing in most virtual machines.</summary>
internal static class Thermometer
{
    private static readonly string[] Zones = Find();

    /// <summary>The hottest zone in degrees Celsius; null where none can be read.</summary>
    public static double? Read()
    {
        double? hottest = null;
        foreach (var zone in Zones)
        {
            try
            {
                var degrees = double.Parse(File.ReadAllText(zone), CultureInfo.InvariantCulture) / 1000;
                hottest = degrees is > 0 and < 150 && !(degrees < hottest) ? degrees : hottest;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                // Some zones refuse while the device sleeps.
            }
        }

        return hottest;
    }

    private static string[] Find()
    {
        const string folder = "/sys/class/thermal";
        return OperatingSystem.IsLinux() && Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder, "thermal_zone*").Select(z => Path.Combine(z, "temp")).Where(File.Exists)]
            : [];
    }
}
