namespace Orleans.Embedded;

/// <summary>Finds the codec of a type, and refuses types that Orleans would refuse.</summary>
internal static class Codecs
{
    private static readonly ConcurrentDictionary<Type, Codec> Exacts = new(BuiltInCodecs.All);
    private static readonly ConcurrentDictionary<Type, Codec> Declared = new();

    /// <summary>The codec of a declared type, which follows values to their own types where these may differ.</summary>
    public static Codec<T> For<T>() => Holder<T>.Codec ??= (Codec<T>)For(typeof(T));

    /// <inheritdoc cref="For{T}"/>
    public static Codec For(Type type) => Declared.TryGetValue(type, out var codec)
        ? codec
        : Declared.GetOrAdd(type, IsPolymorphic(type) ? Make(typeof(PolymorphicCodec<>), type) : Exact(type));

    /// <summary>The codec of values whose own type this is.</summary>
    /// <exception cref="CodecNotFoundException">The type may not cross a grain boundary.</exception>
    public static Codec Exact(Type type) =>
        Exacts.TryGetValue(type, out var codec) ? codec : Exacts.GetOrAdd(type, Create(type));

    private static bool IsPolymorphic(Type type) =>
        !type.IsValueType && !type.IsSealed && !type.IsArray
        && !typeof(IAddressable).IsAssignableFrom(type) && !typeof(Exception).IsAssignableFrom(type)
        && (type == typeof(object) || !Exacts.ContainsKey(type));

    private static Codec Create(Type type)
    {
        if (type.IsEnum) { return Make(typeof(RawCodec<>), type); }
        if (type.IsSZArray) { return Make(typeof(ArrayCodec<>), type.GetElementType()!); }
        if (typeof(GrainReference).IsAssignableFrom(type)) { return Exact(typeof(IAddressable)); }
        if (typeof(IAddressable).IsAssignableFrom(type) && type.IsInterface) { return Make(typeof(ReferenceCodec<>), type); }
        if (typeof(Exception).IsAssignableFrom(type)) { return Make(typeof(ExceptionCodec<>), type); }
        if (type.IsGenericType && CollectionCodecs.Create(type) is { } collection) { return collection; }
        if (!type.IsAbstract && type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
        {
            return Make(typeof(MemberCodec<>), type);
        }
        throw new CodecNotFoundException(
            $"Could not find a codec for type {type}. Give the type [GenerateSerializer] and its members [Id], or send another type.");
    }

    internal static Codec Make(Type codec, params Type[] arguments)
    {
        try { return (Codec)Activator.CreateInstance(codec.MakeGenericType(arguments))!; }
        catch (TargetInvocationException failure) when (failure.InnerException is { } cause)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }

    private static class Holder<T>
    {
        public static Codec<T>? Codec;
    }
}
