namespace Orleans.Embedded;

/// <summary>A reference to a grain or observer: its identity and the interface it is held by.</summary>
internal sealed class ReferenceCodec(Type declared) : Codec {
    public override object? Copy(object? value, int depth) =>
        value as GrainReference ?? ((IAddressable)value!).AsReference(declared.IsInterface ? declared : typeof(IAddressable));

    public override void Write(WireWriter writer, object? value) {
        var reference = (GrainReference)Copy(value, 0)!;
        writer.Id(reference.GrainId);
        writer.Text(reference.Interface.Name);
    }

    public override object? Read(ref WireReader reader) {
        var (id, name) = (reader.Id(), reader.Text());
        var value = ApplicationParts.Current.Interfaces.GetValueOrDefault(name)?.Reference(reader.Runtime, id);
        return declared.IsInstanceOfType(value) ? value
            : throw new SerializerException($"The interface \"{name}\" was sent where {declared} is expected.");
    }
}

/// <summary>Identities on the wire.</summary>
internal static class WireIds {
    public static void Id(this WireWriter writer, GrainId id) {
        writer.Bytes(id.Type.Value.AsSpan());
        writer.Bytes(id.Key.AsSpan());
    }

    public static GrainId Id(this ref WireReader reader) => new(new(new(reader.Bytes().ToArray())), new(reader.Bytes().ToArray()));
}
