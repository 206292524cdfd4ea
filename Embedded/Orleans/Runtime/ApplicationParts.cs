namespace Orleans.Embedded;

/// <summary>The grain classes, interfaces and serializable types of the program: of every assembly that references this one and is
/// loaded, or that a loaded one references. An immutable snapshot, replaced when new assemblies are found.</summary>
internal sealed class ApplicationParts {
    private static readonly Lock Gate = new();
    private static readonly HashSet<Assembly> Scanned = [];
    private readonly IReadOnlyCollection<Type> _types;

    private ApplicationParts(IReadOnlyCollection<Type> types) {
        _types = types;
        Interfaces = Named(types.Where(type => type is { IsInterface: true, IsGenericType: false } && typeof(IAddressable).IsAssignableFrom(type)))
            .ToFrozenDictionary(entry => entry.Key, entry => GrainInterface.Get(entry.Value));
        Serializable = Named(types.Where(type => type.IsEnum || type.IsDefined(typeof(GenerateSerializerAttribute), false)))
            .ToFrozenDictionary();
        GrainClasses = [.. types.Where(type => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
            && typeof(IGrainBase).IsAssignableFrom(type))];
    }

    public static ApplicationParts Current { get; private set; } = new([]);

    public FrozenDictionary<string, GrainInterface> Interfaces { get; }

    public FrozenDictionary<string, Type> Serializable { get; }

    public IReadOnlyList<Type> GrainClasses { get; }

    public static ApplicationParts Refresh() {
        lock (Gate) {
            var fresh = Discover().Where(Scanned.Add).SelectMany(assembly => assembly.GetTypes()).ToList();
            return fresh.Count == 0 ? Current : Current = new([.. Current._types, .. fresh]);
        }
    }

    private static IEnumerable<Assembly> Discover() {
        var engine = typeof(ApplicationParts).Assembly;
        var seen = new HashSet<string> { engine.FullName! };
        var queue = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies());
        yield return engine;
        while (queue.TryDequeue(out var assembly)) {
            var references = assembly.IsDynamic || !seen.Add(assembly.FullName!) ? [] : assembly.GetReferencedAssemblies();
            if (Array.Exists(references, reference => reference.Name == engine.GetName().Name)) {
                yield return assembly;
                foreach (var reference in references.Where(r => !IsFramework(r.Name!))) {
                    queue.Enqueue(Assembly.Load(reference));
                }
            }
        }
    }

    private static bool IsFramework(string name) =>
        name.StartsWith("System", StringComparison.Ordinal) || name.StartsWith("Microsoft", StringComparison.Ordinal);

    private static IEnumerable<KeyValuePair<string, Type>> Named(IEnumerable<Type> types) => types.GroupBy(WireTypes.NameOf)
        .Select(group => group.Count() == 1 ? new KeyValuePair<string, Type>(group.Key, group.First())
            : throw new OrleansConfigurationException(
                $"The alias \"{group.Key}\" is used by {string.Join(" and ", group)}: give each type an alias of its own."));
}
