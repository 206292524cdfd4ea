namespace Orleans.Embedded;

/// <summary>A reference to a grain or observer: its identity and the interface it is held by.</summary>
internal sealed class ReferenceCodec<T> : Codec<T?> where T : class, IAddressable
{
    public override T? Copy(T? value, int depth) => value is null or GrainReference ? value : value.AsReference<T>();

    public override void Write(WireWriter writer, T? value)
    {
        writer.Bool(value is not null);
        if (Copy(value, 0) is GrainReference reference)
        {
            writer.Id(reference.GrainId);
            writer.Text(reference.Interface.Name);
        }
    }

    public override T? Read(ref WireReader reader)
    {
        if (!reader.Bool()) { return null; }
        var (id, name) = (reader.Id(), reader.Text());
        return ApplicationParts.Current.Interfaces.GetValueOrDefault(name)?.Reference(reader.Runtime, id) as T
            ?? throw new SerializerException($"The interface \"{name}\" was sent where {typeof(T)} is expected.");
    }
}

/// <summary>Identities on the wire.</summary>
internal static class WireIds
{
    public static void Id(this WireWriter writer, GrainId id)
    {
        writer.Bytes(id.Type.Value.AsSpan());
        writer.Bytes(id.Key.AsSpan());
    }

    public static GrainId Id(this ref WireReader reader) => new(new(new(reader.Bytes().ToArray())), new(reader.Bytes().ToArray()));
}
