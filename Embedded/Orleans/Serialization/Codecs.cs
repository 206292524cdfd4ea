namespace Orleans.Embedded;

/// <summary>Finds the codec of a type, and refuses types that Orleans would refuse.</summary>
internal static class Codecs
{
    private static readonly ConcurrentDictionary<Type, Codec> Exacts = new(BuiltInCodecs.All);
    private static readonly ConcurrentDictionary<Type, Codec> Declared = new();

    public static Codec<T> For<T>() => (Codec<T>)For(typeof(T));

    /// <summary>The codec of a declared type, which follows values to their own types where these may differ.</summary>
    public static Codec For(Type type) => Declared.TryGetValue(type, out var codec) ? codec
        : Declared.GetOrAdd(type, IsPolymorphic(type) ? Make(typeof(PolymorphicCodec<>), type) : Exact(type));

    /// <summary>The codec of values whose own type this is.</summary>
    /// <exception cref="CodecNotFoundException">The type may not cross a grain boundary.</exception>
    public static Codec Exact(Type type) => Exacts.TryGetValue(type, out var codec) ? codec : Exacts.GetOrAdd(type, Create(type));

    public static Codec Make(Type codec, params Type[] arguments) =>
        (Codec)codec.MakeGenericType(arguments).GetConstructors()[0].Invoke(BindingFlags.DoNotWrapExceptions, null, [], null);

    private static bool IsPolymorphic(Type type) =>
        !type.IsValueType && !type.IsSealed && !type.IsArray && !typeof(IAddressable).IsAssignableFrom(type)
        && !typeof(Exception).IsAssignableFrom(type) && !Exacts.ContainsKey(type);

    private static Codec Create(Type type)
    {
        if (typeof(GrainReference).IsAssignableFrom(type)) { return Exact(typeof(IAddressable)); }
        return type.IsEnum ? Make(typeof(RawCodec<>), type)
            : type.IsSZArray ? (Codec)typeof(CollectionCodecs).GetMethod(nameof(CollectionCodecs.Array))!
                .MakeGenericMethod(type.GetElementType()!).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [], null)!
            : typeof(IAddressable).IsAssignableFrom(type) && type.IsInterface ? Make(typeof(ReferenceCodec<>), type)
            : typeof(Exception).IsAssignableFrom(type) ? Make(typeof(ExceptionCodec<>), type)
            : type.IsGenericType && CollectionCodecs.Create(type) is { } collection ? collection
            : !type.IsAbstract && type.IsDefined(typeof(GenerateSerializerAttribute), false) ? Make(typeof(MemberCodec<>), type)
            : throw new CodecNotFoundException($"Could not find a codec for type {type}. Give the type [GenerateSerializer] and its "
                + "members [Id], or send another type.");
    }
}
