namespace Orleans.Embedded;

/// <summary>A value whose own type may differ from the declared one: the type's name goes before it.</summary>
internal sealed class PolymorphicCodec<T> : Codec<T?> where T : class
{
    public override T? Copy(T? value, int depth) =>
        value is null ? null : (T?)Codecs.Exact(value.GetType()).CopyObject(value, Deeper(depth));

    public override void Write(WireWriter writer, T? value)
    {
        writer.Bool(value is not null);
        if (value is null) { return; }
        var codec = Codecs.Exact(value.GetType());
        writer.Text(WireTypes.NameOf(value.GetType()));
        writer.Depth = Deeper(writer.Depth);
        codec.WriteObject(writer, value);
        writer.Depth--;
    }

    public override T? Read(ref WireReader reader)
    {
        if (!reader.Bool()) { return null; }
        var type = WireTypes.Find(reader.Text());
        reader.Enter();
        var value = Codecs.Exact(type).ReadObject(ref reader);
        reader.Leave();
        return value as T ?? throw new SerializerException($"{type} was sent where {typeof(T)} is expected.");
    }
}
