using PiGrid.Silo.Hosting;

namespace PiGrid.Tests.Scenarios.Cluster;

/// <summary>A fact about several silos that are one grid: it needs the engine Orleans and a PostgreSQL server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClusterFactAttribute : FactAttribute
{
    public ClusterFactAttribute() => Skip =
        !OperatingSystem.IsLinux() ? "it sends signals, which is Linux's way"
        : !SiloHost.Engine.StartsWith("Orleans", StringComparison.Ordinal)
            ? $"engine {SiloHost.Engine} is one silo; a cluster needs the engine Orleans, which is chosen where the feed carries Microsoft.Orleans.Server and all that it depends on"
        : PostgresServer.SkipReason;
}
