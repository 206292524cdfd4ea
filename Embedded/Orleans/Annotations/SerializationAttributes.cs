using static System.AttributeTargets;

namespace Orleans;

/// <summary>Marks a type that may cross a grain boundary; its members are named by <see cref="IdAttribute"/>.</summary>
[AttributeUsage(Class | Struct | AttributeTargets.Enum)]
public sealed class GenerateSerializerAttribute : Attribute;

/// <summary>The stable number of a member in its type's wire form. Never reuse one.</summary>
[AttributeUsage(Field | Property | Class | Struct | Interface | AttributeTargets.Enum | Method)]
public sealed class IdAttribute(uint id) : Attribute {
    public uint Id { get; } = id;
}

/// <summary>The stable name of a type, interface or method on the wire, so that it can be renamed in code.</summary>
[AttributeUsage(Class | Struct | Interface | AttributeTargets.Enum | Method)]
public sealed class AliasAttribute(string alias) : Attribute {
    public string Alias { get; } = alias;
}

/// <summary>Promises that a value never changes after it was sent, so that it is shared and not copied.</summary>
[AttributeUsage(Class | Struct | Field | Property | Parameter | ReturnValue, Inherited = false)]
public sealed class ImmutableAttribute : Attribute;

/// <summary>The response timeout of one grain method, instead of the configured default.</summary>
[AttributeUsage(Method)]
public sealed class ResponseTimeoutAttribute(string timeout) : Attribute {
    public TimeSpan? Timeout { get; init; } = TimeSpan.Parse(timeout, CultureInfo.InvariantCulture);
}
