using Orleans;
using PiGrid.Grains.Telemetry;

namespace PiGrid.Silo.Gateway;

/// <summary>What every session needs.</summary>
/// <param name="Grains">The way to grains.</param>
/// <param name="Options">The gateway's limits.</param>
/// <param name="Metrics">What is counted.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
internal sealed record SessionServices(IGrainFactory Grains, GatewayOptions Options, GridMetrics Metrics, TimeProvider Time, ILogger Logger);
