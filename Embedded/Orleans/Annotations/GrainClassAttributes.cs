namespace Orleans;

/// <summary>The grain type's name, which is part of every key in storage; by default the class name without "Grain".</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class GrainTypeAttribute(string grainType) : Attribute {
    public GrainType GetGrainType(IServiceProvider services, Type type) => GrainType.Create(grainType);
}

/// <summary>Activations of the class are never collected for being idle.</summary>
[AttributeUsage(AttributeTargets.Class)]
public class KeepAliveAttribute : Attribute;
