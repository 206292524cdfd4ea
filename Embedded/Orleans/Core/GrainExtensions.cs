namespace Orleans;

/// <summary>Identities and references of grains.</summary>
public static class GrainExtensions {
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) =>
        (TGrainInterface)grain.AsReference(typeof(TGrainInterface));

    public static TGrainInterface Cast<TGrainInterface>(this IAddressable grain) => grain.AsReference<TGrainInterface>();

    public static object AsReference(this IAddressable grain, Type interfaceType) {
        var reference = grain as GrainReference ?? ContextOf(grain).GrainReference;
        return interfaceType.IsInstanceOfType(reference)
            ? reference : GrainInterface.Get(interfaceType).Reference(reference.Runtime, reference.GrainId);
    }

    public static GrainId GetGrainId(this IAddressable grain) => (grain as GrainReference)?.GrainId ?? ContextOf(grain).GrainId;

    public static long GetPrimaryKeyLong(this IAddressable grain) => grain.GetGrainId().TryGetIntegerKey(out var key, out _)
        ? key : throw new InvalidOperationException($"Unable to extract integer key from grain id {grain.GetGrainId()}");

    public static Guid GetPrimaryKey(this IAddressable grain) => grain.GetGrainId().TryGetGuidKey(out var key, out _)
        ? key : throw new InvalidOperationException($"Unable to extract GUID key from grain id {grain.GetGrainId()}");

    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString();

    private static IGrainContext ContextOf(IAddressable grain) => grain switch {
        IGrainBase { GrainContext: { } context } => context,
        null => throw new ArgumentNullException(nameof(grain)),
        _ => throw new ArgumentException($"{grain.GetType()} is neither a reference nor a grain made by the engine: pass grains by "
            + "AsReference, and observers by CreateObjectReference.", nameof(grain)),
    };
}
