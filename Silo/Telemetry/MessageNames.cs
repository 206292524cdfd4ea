using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json.Serialization;
using PiGrid.Protocol;

namespace PiGrid.Silo.Telemetry;

/// <summary>What messages of the node protocol call themselves.</summary>
internal static class MessageNames
{
    private static readonly FrozenDictionary<Type, string> Names = new[] { typeof(AgentMessage), typeof(NodeMessage) }
        .SelectMany(type => type.GetCustomAttributes<JsonDerivedTypeAttribute>())
        .ToFrozenDictionary(derived => derived.DerivedType, derived => (string)derived.TypeDiscriminator!);

    /// <summary>The name of a message.</summary>
    public static string Of(object message) => Names[message.GetType()];
}
