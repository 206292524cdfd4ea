namespace Orleans.Runtime;

/// <summary>A reference to a grain or observer: an identity behind one interface. References are equal when identities are. The
/// engine derives a proxy class from this one for each interface; proxies are cloned from a prototype, which is cheap.</summary>
public class GrainReference : DispatchProxy, IAddressable, IEquatable<GrainReference> {
    public GrainId GrainId { get; private set; }

    internal GrainRuntime Runtime { get; private set; } = null!;

    internal GrainInterface Interface { get; private set; } = null!;

    public bool Equals(GrainReference? other) => other is not null && GrainId.Equals(other.GrainId);

    public sealed override bool Equals(object? obj) => Equals(obj as GrainReference);

    public sealed override int GetHashCode() => GrainId.GetHashCode();

    public sealed override string ToString() => $"GrainReference:{GrainId}:{Interface.Name}";

    public static bool operator ==(GrainReference? reference1, GrainReference? reference2) => Equals(reference1, reference2);

    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !Equals(reference1, reference2);

    internal GrainReference For(GrainRuntime runtime, GrainInterface grainInterface, GrainId id) {
        var clone = (GrainReference)MemberwiseClone();
        (clone.Runtime, clone.Interface, clone.GrainId) = (runtime, grainInterface, id);
        return clone;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        Interface.Method(targetMethod!).Send(this, args ?? []);
}
