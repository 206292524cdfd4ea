namespace Orleans.Embedded;

/// <summary>A grain class: its type name, its attributes, and how an instance is constructed.</summary>
internal sealed class GrainClass
{
    private readonly ConstructorInvoker _constructor;
    private readonly Func<Activation, object?>[] _arguments;
    private readonly GrainInterface _reference;

    public GrainClass(Type type, GrainCollectionOptions options)
    {
        Type = type;
        GrainType = TypeOf(type);
        Interfaces = [.. type.GetInterfaces().Where(i => typeof(IAddressable).IsAssignableFrom(i) && i.Assembly != typeof(IGrain).Assembly)];
        _reference = GrainInterface.Get(Interfaces.FirstOrDefault(typeof(IGrain).IsAssignableFrom) ?? typeof(IGrain));
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute), inherit: true);
        CollectionAge = type.IsDefined(typeof(KeepAliveAttribute), inherit: true) ? Timeout.InfiniteTimeSpan
            : type.GetCustomAttribute<CollectionAgeLimitAttribute>()?.AgeLimit
            ?? (options.ClassSpecificCollectionAge.TryGetValue(type.FullName!, out var age) ? age : options.CollectionAge);
        var constructor = type.GetConstructors()
            .OrderByDescending(c => c.IsDefined(typeof(ActivatorUtilitiesConstructorAttribute)))
            .ThenByDescending(c => c.GetParameters().Length)
            .FirstOrDefault() ?? throw new OrleansConfigurationException($"The grain class {type} has no public constructor.");
        _constructor = ConstructorInvoker.Create(constructor);
        _arguments = [.. constructor.GetParameters().Select(Argument)];
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    public IReadOnlyList<Type> Interfaces { get; }

    public bool IsReentrant { get; }

    /// <summary>How long an idle activation is kept; infinite for ever.</summary>
    public TimeSpan CollectionAge { get; }

    public GrainReference Reference(GrainRuntime runtime, GrainId id) => _reference.Reference(runtime, id);

    public object Construct(Activation activation)
    {
        var arguments = new object?[_arguments.Length];
        for (var i = 0; i < arguments.Length; i++) { arguments[i] = _arguments[i](activation); }
        return _constructor.Invoke(arguments.AsSpan());
    }

    /// <summary>The attribute's name, or the class name in lower case without "grain": Orleans's convention, as keys depend on it.</summary>
    private static GrainType TypeOf(Type type)
    {
        if (type.GetCustomAttribute<GrainTypeAttribute>() is { } named) { return named.GetGrainType(null!, type); }
        var name = type.Name.ToLowerInvariant();
        return GrainType.Create(name.Length > 5 && name.EndsWith("grain", StringComparison.Ordinal) ? name[..^5] : name);
    }

    private static Func<Activation, object?> Argument(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (type == typeof(IGrainContext)) { return static activation => activation; }
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state)
        {
            return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IPersistentState<>)
                ? StateBridge.Factory(type.GetGenericArguments()[0], state)
                : throw new OrleansConfigurationException(
                    $"{parameter.Member.DeclaringType}: [PersistentState] is on {parameter.Name}, which is no IPersistentState.");
        }
        var key = parameter.GetCustomAttribute<FromKeyedServicesAttribute>()?.Key;
        return parameter.HasDefaultValue
            ? activation => (key is null
                ? activation.ActivationServices.GetService(type)
                : activation.ActivationServices.GetKeyedServices(type, key).FirstOrDefault()) ?? parameter.DefaultValue
            : key is null
                ? activation => activation.ActivationServices.GetRequiredService(type)
                : activation => activation.ActivationServices.GetRequiredKeyedService(type, key);
    }
}
