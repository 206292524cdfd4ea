using System.Collections.Frozen;
using PiGrid.Grains.Telemetry;

namespace PiGrid.Silo.Telemetry;

/// <summary>Whose measurements and spans are told.</summary>
internal static class TelemetryNames
{
    /// <summary>The meters: ours, the web server's and the runtime's, which all keep to the names of OpenTelemetry.</summary>
    public static FrozenSet<string> Meters { get; } =
        FrozenSet.ToFrozenSet([GridMetrics.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"]);
}
