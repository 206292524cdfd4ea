namespace Orleans.Embedded;

/// <summary>Finds the codec of a type, and refuses types that Orleans would refuse.</summary>
internal static class Codecs {
    private static readonly ConcurrentDictionary<Type, Codec> Exacts = new(BuiltInCodecs.All);
    private static readonly ConcurrentDictionary<Type, Codec> Declared = new();

    /// <summary>The codec of a declared type: of values that may be null where it is a class, and that may be of derived types.</summary>
    public static Codec For(Type type) => Declared.TryGetValue(type, out var codec) ? codec
        : Declared.GetOrAdd(type, type.IsValueType ? Exact(type) : new NullableCodec(IsExact(type) ? Exact(type) : new PolymorphicCodec(type)));

    /// <summary>The codec of values whose own type this is, none of them null.</summary>
    /// <exception cref="CodecNotFoundException">The type may not cross a grain boundary.</exception>
    public static Codec Exact(Type type) => Exacts.TryGetValue(type, out var codec) ? codec : Exacts.GetOrAdd(type, Create(type));

    private static bool IsExact(Type type) => type.IsSealed || type.IsArray || Exacts.ContainsKey(type)
        || typeof(IAddressable).IsAssignableFrom(type) || typeof(Exception).IsAssignableFrom(type);

    private static Codec Create(Type type) =>
        type.IsEnum ? BuiltInCodecs.Raw(type)
        : Nullable.GetUnderlyingType(type) is { } value ? new NullableCodec(Exact(value))
        : typeof(IAddressable).IsAssignableFrom(type) && (type.IsInterface || typeof(GrainReference).IsAssignableFrom(type))
            ? new ReferenceCodec(type)
        : typeof(Exception).IsAssignableFrom(type) ? ExceptionCodec.Instance
        : CollectionCodecs.Create(type)
        ?? (!type.IsAbstract && (type.IsDefined(typeof(GenerateSerializerAttribute), false) || CollectionCodecs.IsTuple(type))
            ? new MemberCodec(type)
            : throw new CodecNotFoundException($"Could not find a codec for type {type}. Give the type [GenerateSerializer] and its members "
                + "[Id], or send another type."));
}
