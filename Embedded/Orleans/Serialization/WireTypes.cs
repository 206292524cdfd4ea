namespace Orleans.Embedded;

/// <summary>
/// Names of types on the wire: aliases or full names, composed as <c>Name[A,B]</c> and <c>A[]</c>. A name is looked up among
/// known types and never given to the runtime's loader.
/// </summary>
internal static class WireTypes
{
    private static readonly ConcurrentDictionary<Type, string> Names = new();
    private static readonly Dictionary<string, Type> Safe =
        BuiltInCodecs.All.Keys.Concat(CollectionCodecs.Definitions).Append(typeof(object)).ToDictionary(type => type.FullName!);

    public static string NameOf(Type type) => Names.GetOrAdd(type, static t => t.IsSZArray ? NameOf(t.GetElementType()!) + "[]"
        : t.IsConstructedGenericType
            ? $"{NameOf(t.GetGenericTypeDefinition())}[{string.Join(',', t.GetGenericArguments().Select(NameOf))}]"
        : typeof(GrainReference).IsAssignableFrom(t) ? typeof(IAddressable).FullName!
        : t.GetCustomAttribute<AliasAttribute>(false)?.Alias ?? t.FullName!);

    /// <exception cref="SerializerException">No known type has the name.</exception>
    public static Type Find(string name)
    {
        var rest = name.Length <= 2048 ? name.AsSpan() : throw Unknown(name[..64]);
        var type = Parse(ref rest, 0);
        return rest.IsEmpty ? type : throw Unknown(name);
    }

    private static Type Parse(ref ReadOnlySpan<char> rest, int depth)
    {
        var end = rest.IndexOfAny("[],");
        var name = (end < 0 ? rest : rest[..end]).ToString();
        rest = rest[name.Length..];
        var type = Safe.GetValueOrDefault(name) ?? ApplicationParts.Current.Serializable.GetValueOrDefault(name) ?? throw Unknown(name);
        if (type.IsGenericTypeDefinition)
        {
            var arguments = new Type[type.GetGenericArguments().Length];
            for (var i = 0; i < arguments.Length; i++)
            {
                Expect(ref rest, i == 0 ? "[" : ",", depth);
                arguments[i] = Parse(ref rest, depth + 1);
            }
            Expect(ref rest, "]", depth);
            type = type.MakeGenericType(arguments);
        }
        for (; rest.StartsWith("[]"); depth++)
        {
            Expect(ref rest, "[]", depth);
            type = type.MakeArrayType();
        }
        return type;
    }

    private static void Expect(ref ReadOnlySpan<char> rest, string next, int depth) =>
        rest = depth < 16 && rest.StartsWith(next) ? rest[next.Length..] : throw Unknown(rest.ToString());

    private static SerializerException Unknown(string name) => new(
        $"The type \"{name}\" is not known here: only types with [GenerateSerializer] in referenced assemblies are.");
}
