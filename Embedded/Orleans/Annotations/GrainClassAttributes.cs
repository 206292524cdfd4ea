namespace Orleans;

/// <summary>The grain type's name, which is part of every key in storage; by default the class name without "Grain".</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class GrainTypeAttribute(string grainType) : Attribute
{
    public GrainType GetGrainType(IServiceProvider services, Type type) => GrainType.Create(grainType);
}

/// <summary>Activations of the class are never collected for being idle.</summary>
[AttributeUsage(AttributeTargets.Class)]
public class KeepAliveAttribute : Attribute;

/// <summary>How long activations of the class may idle before they are collected; at least one minute.</summary>
[AttributeUsage(AttributeTargets.Class)]
public class CollectionAgeLimitAttribute(string inactivityPeriod) : Attribute
{
    public CollectionAgeLimitAttribute() : this("0") { }

    public double Days { get; set; }

    public double Hours { get; set; }

    public double Minutes { get; set; }

    public bool AlwaysActive { get; set; }

    public TimeSpan AgeLimit => AlwaysActive ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(Math.Max(
        TimeSpan.TicksPerMinute,
        (TimeSpan.Parse(inactivityPeriod, CultureInfo.InvariantCulture) + TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours)
            + TimeSpan.FromMinutes(Minutes)).Ticks));
}
