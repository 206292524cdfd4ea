namespace Orleans;

/// <summary>Identities and references of grains.</summary>
public static class GrainExtensions
{
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) =>
        (TGrainInterface)grain.AsReference(typeof(TGrainInterface));

    public static TGrainInterface Cast<TGrainInterface>(this IAddressable grain) => grain.AsReference<TGrainInterface>();

    public static object AsReference(this IAddressable grain, Type interfaceType)
    {
        ArgumentNullException.ThrowIfNull(grain);
        var reference = grain as GrainReference ?? ContextOf(grain).GrainReference;
        return interfaceType.IsInstanceOfType(reference)
            ? reference
            : reference.Runtime.Reference(GrainInterface.Get(interfaceType), reference.GrainId);
    }

    public static GrainId GetGrainId(this IAddressable grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return grain is GrainReference reference ? reference.GrainId : ContextOf(grain).GrainId;
    }

    public static long GetPrimaryKeyLong(this IAddressable grain) =>
        grain.GetGrainId() is var id && id.TryGetIntegerKey(out var key, out _)
            ? key
            : throw new InvalidOperationException($"Unable to extract integer key from grain id {id}");

    public static Guid GetPrimaryKey(this IAddressable grain) =>
        grain.GetGrainId() is var id && id.TryGetGuidKey(out var key, out _)
            ? key
            : throw new InvalidOperationException($"Unable to extract GUID key from grain id {id}");

    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString();

    private static IGrainContext ContextOf(IAddressable grain) => grain is IGrainBase { GrainContext: { } context }
        ? context
        : throw new ArgumentException(
            $"{grain.GetType()} is neither a reference nor a grain made by the engine: "
            + "pass grains by AsReference, and observers by CreateObjectReference.",
            nameof(grain));
}
