using System.Reflection;

namespace PiGrid.NodeAgent;

/// <summary>What this build is.</summary>
internal static class AgentVersion
{
    /// <summary>The version, such as <c>0.1.0</c>.</summary>
    public static string Text => typeof(AgentVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>The engine that it was built with.</summary>
    public static string Engine =>
        typeof(AgentVersion).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "PiGrid.Engine")?.Value ?? "Embedded";
}
