namespace Orleans.Embedded;

/// <summary>A grain or observer interface: its name, its methods, and the prototype of its references.</summary>
internal sealed class GrainInterface {
    private static readonly ConcurrentDictionary<Type, GrainInterface> All = new();
    private readonly Lazy<FrozenDictionary<MethodInfo, GrainMethod>> _methods;
    private readonly Lazy<FrozenDictionary<string, GrainMethod>> _byName;
    private readonly Lazy<GrainReference> _prototype;

    private GrainInterface(Type type) {
        (Type, Name) = (type, WireTypes.NameOf(type));
        _methods = new(() => type.GetInterfaces().Append(type).SelectMany(level => level.GetMethods())
            .Where(method => method.IsAbstract).ToFrozenDictionary(method => method, method => new GrainMethod(this, method)));
        _byName = new(() => _methods.Value.Values.ToFrozenDictionary(method => method.Name));
        _prototype = new(() => (GrainReference)DispatchProxy.Create(type, typeof(GrainReference)));
    }

    public Type Type { get; }

    public string Name { get; }

    public static GrainInterface Get(Type type) => All.TryGetValue(type, out var known) ? known
        : type.IsInterface && typeof(IAddressable).IsAssignableFrom(type) ? All.GetOrAdd(type, static t => new(t))
        : throw new ArgumentException($"{type} is not a grain interface: it must derive from IGrain or IGrainObserver.");

    public GrainMethod Method(MethodInfo method) => _methods.Value.TryGetValue(method, out var known) ? known
        : throw new NotSupportedException($"The embedded engine has no generic grain methods: {Name}.{method.Name}.");

    public GrainMethod? Method(string name) => _byName.Value.GetValueOrDefault(name);

    public GrainReference Reference(GrainRuntime runtime, GrainId id) => _prototype.Value.For(runtime, this, id);
}
