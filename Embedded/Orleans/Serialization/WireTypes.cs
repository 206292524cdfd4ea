namespace Orleans.Embedded;

/// <summary>Types on the wire: an alias or full name, and the arguments of a generic type or array. A name is looked up among known types
/// and never given to the runtime's loader.</summary>
internal static class WireTypes {
    private static readonly ConcurrentDictionary<Type, string> Names = new();
    private static readonly Dictionary<string, Type> Safe = BuiltInCodecs.All.Keys.Concat(CollectionCodecs.Definitions)
        .Append(typeof(object)).Append(typeof(IAddressable)).ToDictionary(NameOf);

    public static string NameOf(Type type) =>
        Names.GetOrAdd(type, static t => t.GetCustomAttribute<AliasAttribute>(false)?.Alias ?? t.FullName ?? t.Name);

    public static void Write(WireWriter writer, Type type) {
        var own = typeof(GrainReference).IsAssignableFrom(type) ? typeof(IAddressable) : type;
        writer.Text(NameOf(own.IsArray ? typeof(Array) : own.IsGenericType ? own.GetGenericTypeDefinition() : own));
        foreach (var part in own.IsArray ? [own.GetElementType()!] : own.GetGenericArguments()) { Write(writer, part); }
    }

    /// <exception cref="SerializerException">The type is not known.</exception>
    public static Type Read(ref WireReader reader) {
        var name = reader.Text();
        var type = Safe.GetValueOrDefault(name) ?? ApplicationParts.Current.Serializable.GetValueOrDefault(name)
            ?? throw new SerializerException($"The type \"{name}\" is not known here: only types with [GenerateSerializer] are.");
        reader.Enter();
        var parts = new Type[type == typeof(Array) ? 1 : type.GetGenericArguments().Length];
        for (var i = 0; i < parts.Length; i++) { parts[i] = Read(ref reader); }
        reader.Leave();
        return type == typeof(Array) ? parts[0].MakeArrayType() : parts.Length == 0 ? type : type.MakeGenericType(parts);
    }
}
