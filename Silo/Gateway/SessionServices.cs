using Orleans;

namespace PiGrid.Silo.Gateway;

/// <summary>What every session needs.</summary>
/// <param name="Grains">The way to grains.</param>
/// <param name="Options">The gateway's limits.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
internal sealed record SessionServices(IGrainFactory Grains, GatewayOptions Options, TimeProvider Time, ILogger Logger);
