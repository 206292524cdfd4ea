namespace Orleans.Embedded;

/// <summary>
/// Names of types on the wire: aliases or full names, composed as <c>Name[A,B]</c> and <c>A[]</c>. A name is looked up among
/// known types and never given to the runtime's loader.
/// </summary>
internal static class WireTypes
{
    private static readonly ConcurrentDictionary<Type, string> Names = new();
    private static readonly ConcurrentDictionary<string, Type> Found = new();
    private static readonly Dictionary<string, Type> Safe = BuiltInCodecs.All.Keys
        .Concat(CollectionCodecs.Definitions).Append(typeof(Nullable<>))
        .ToDictionary(type => type.FullName!);

    /// <summary>The name to write for a type.</summary>
    public static string NameOf(Type type) => Names.GetOrAdd(type, static t =>
        t.IsSZArray ? NameOf(t.GetElementType()!) + "[]"
        : t.IsConstructedGenericType
            ? $"{Plain(t.GetGenericTypeDefinition())}[{string.Join(',', t.GetGenericArguments().Select(NameOf))}]"
        : typeof(GrainReference).IsAssignableFrom(t) ? typeof(IAddressable).FullName!
        : Plain(t));

    /// <summary>The known type of a name that was read.</summary>
    /// <exception cref="SerializerException">No known type has the name.</exception>
    public static Type Find(string name)
    {
        if (Found.TryGetValue(name, out var type)) { return type; }
        var rest = name.Length <= 2048 ? name.AsSpan() : throw new SerializerException("A type's name is too long.");
        type = Parse(ref rest, 0);
        return rest.IsEmpty && Found.Count < 10_000 ? Found.GetOrAdd(name, type) : rest.IsEmpty ? type : throw Unknown(name);
    }

    private static string Plain(Type type) => type.GetCustomAttribute<AliasAttribute>(false)?.Alias ?? type.FullName!;

    private static Type Parse(ref ReadOnlySpan<char> rest, int depth)
    {
        var end = rest.IndexOfAny("[],");
        var name = (end < 0 ? rest : rest[..end]).ToString();
        rest = rest[name.Length..];
        var type = Safe.GetValueOrDefault(name) ?? ApplicationParts.Current.Serializable.GetValueOrDefault(name)
            ?? throw Unknown(name);
        if (type.IsGenericTypeDefinition) { type = Construct(type, ref rest, depth); }
        for (; rest.StartsWith("[]"); rest = rest[2..]) { type = depth++ < 16 ? type.MakeArrayType() : throw Unknown(name); }
        return type;
    }

    private static Type Construct(Type definition, ref ReadOnlySpan<char> rest, int depth)
    {
        var arguments = new Type[definition.GetGenericArguments().Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            if (depth > 16 || rest.IsEmpty || rest[0] != (i == 0 ? '[' : ',')) { throw Unknown(definition.FullName!); }
            rest = rest[1..];
            arguments[i] = Parse(ref rest, depth + 1);
        }
        if (rest.IsEmpty || rest[0] != ']') { throw Unknown(definition.FullName!); }
        rest = rest[1..];
        try { return definition.MakeGenericType(arguments); }
        catch (ArgumentException failure)
        {
            throw new SerializerException($"{definition} cannot be made of these arguments.", failure);
        }
    }

    private static SerializerException Unknown(string name) => new(
        $"The type \"{name}\" is not known here: only types with [GenerateSerializer] in referenced assemblies are.");
}
