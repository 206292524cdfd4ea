namespace Orleans.Embedded;

/// <summary>A grain class: its type name, its attributes, and how an instance is constructed.</summary>
internal sealed class GrainClass {
    private readonly ConstructorInvoker _constructor;
    private readonly Func<Activation, object?>[] _arguments;

    public GrainClass(Type type, GrainCollectionOptions options) {
        (Type, GrainType) = (type, TypeOf(type));
        Interfaces = [.. type.GetInterfaces()
            .Where(i => typeof(IAddressable).IsAssignableFrom(i) && i.Assembly != typeof(IGrain).Assembly).Select(GrainInterface.Get)];
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute), inherit: true);
        CollectionAge = type.IsDefined(typeof(KeepAliveAttribute), inherit: true) ? Timeout.InfiniteTimeSpan
            : options.ClassSpecificCollectionAge.GetValueOrDefault(type.FullName!, options.CollectionAge);
        var constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)
            ?? throw new OrleansConfigurationException($"The grain class {type} has no public constructor.");
        _constructor = ConstructorInvoker.Create(constructor);
        _arguments = [.. constructor.GetParameters().Select(Argument)];
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    public IReadOnlyList<GrainInterface> Interfaces { get; }

    public bool IsReentrant { get; }

    public TimeSpan CollectionAge { get; }

    public GrainReference Reference(GrainRuntime runtime, GrainId id) => Interfaces[0].Reference(runtime, id);

    public object Construct(Activation activation) =>
        _constructor.Invoke(Array.ConvertAll(_arguments, argument => argument(activation)).AsSpan());

    /// <summary>The attribute's name, or the class name in lower case without "grain": Orleans's convention, as keys depend on it.</summary>
    private static GrainType TypeOf(Type type) {
        var name = type.Name.ToLowerInvariant();
        return type.GetCustomAttribute<GrainTypeAttribute>()?.GetGrainType(null!, type)
            ?? GrainType.Create(name.Length > 5 && name.EndsWith("grain", StringComparison.Ordinal) ? name[..^5] : name);
    }

    private static Func<Activation, object?> Argument(ParameterInfo parameter) {
        var type = parameter.ParameterType;
        if (type == typeof(IGrainContext)) { return static activation => activation; }
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state) {
            var bridge = typeof(StateBridge<>).MakeGenericType(type.GetGenericArguments()).GetConstructors()[0];
            return activation => bridge.Invoke(BindingFlags.DoNotWrapExceptions, null, [activation, state], null);
        }
        var key = parameter.GetCustomAttribute<FromKeyedServicesAttribute>()?.Key;
        return activation => (key is null ? activation.ActivationServices.GetService(type)
                : activation.ActivationServices.GetKeyedServices(type, key).FirstOrDefault())
            ?? (parameter.HasDefaultValue ? parameter.DefaultValue : throw new InvalidOperationException(
                $"{parameter.Member.DeclaringType} wants a {type} that is not registered."));
    }
}
