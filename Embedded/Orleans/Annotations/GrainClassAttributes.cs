using Orleans.Runtime;

namespace Orleans;

/// <summary>The grain type's name, which is part of every key in storage; by default the class name without "Grain".</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class GrainTypeAttribute(string grainType) : Attribute
{
    private readonly GrainType _grainType = GrainType.Create(grainType);

    /// <summary>The name as a grain type.</summary>
    public GrainType GetGrainType(IServiceProvider services, Type type) => _grainType;
}

/// <summary>Activations of the class are never collected for being idle.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public class KeepAliveAttribute : Attribute;

/// <summary>How long activations of the class may idle before they are collected; at least one minute.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public class CollectionAgeLimitAttribute : Attribute
{
    private readonly TimeSpan? _value;

    /// <summary>Takes the age from the named properties.</summary>
    public CollectionAgeLimitAttribute() { }

    /// <summary>Takes the age from a time span's text.</summary>
    public CollectionAgeLimitAttribute(string inactivityPeriod) =>
        _value = TimeSpan.Parse(inactivityPeriod, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Days of the age.</summary>
    public double Days { get; set; }

    /// <summary>Hours of the age.</summary>
    public double Hours { get; set; }

    /// <summary>Minutes of the age.</summary>
    public double Minutes { get; set; }

    /// <summary>True: never collected.</summary>
    public bool AlwaysActive { get; set; }

    /// <summary>The age that results, at least one minute.</summary>
    public TimeSpan AgeLimit
    {
        get
        {
            var age = _value
                ?? TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes);
            return AlwaysActive ? Timeout.InfiniteTimeSpan : age < TimeSpan.FromMinutes(1) ? TimeSpan.FromMinutes(1) : age;
        }
    }
}
