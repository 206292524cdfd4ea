namespace Orleans.Embedded;

/// <summary>A value whose own type may differ from the declared one: the type goes before it.</summary>
internal sealed class PolymorphicCodec(Type declared) : Codec {
    public override object? Copy(object? value, int depth) => Codecs.Exact(value!.GetType()).Copy(value, Deeper(depth));

    public override void Write(WireWriter writer, object? value) {
        var codec = Codecs.Exact(value!.GetType());
        WireTypes.Write(writer, value.GetType());
        writer.Depth = Deeper(writer.Depth);
        codec.Write(writer, value);
        writer.Depth--;
    }

    public override object? Read(ref WireReader reader) {
        var type = WireTypes.Read(ref reader);
        reader.Enter();
        var value = Codecs.Exact(type).Read(ref reader);
        reader.Leave();
        return declared.IsInstanceOfType(value) ? value : throw new SerializerException($"{type} was sent where {declared} is expected.");
    }
}
