namespace Orleans.Embedded;

/// <summary>A [GenerateSerializer] type: its members with [Id], base classes first, whatever their access.</summary>
internal sealed class MemberCodec<T> : Codec<T>
{
    private readonly Member<T>[] _members;
    private readonly ConstructorInvoker? _constructor;

    public MemberCodec()
    {
        var type = typeof(T);
        IsImmutable = type.IsDefined(typeof(ImmutableAttribute), inherit: false);
        _members = [.. MemberList.Of(type).Select(found => Member<T>.Create(found.Number, found.Field))];
        var fields = MemberList.AllFields(type).ToList();
        IsImmutable |= type.IsSealed && fields.Count == _members.Length
            && fields.TrueForAll(field => field.IsInitOnly) && _members.All(member => member.IsImmutable);
        _constructor = !type.IsValueType
            && type.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []) is { } constructor
            ? ConstructorInvoker.Create(constructor)
            : null;
    }

    public override T Copy(T value, int depth)
    {
        if (IsImmutable || value is null) { return value; }
        var copy = Blank();
        depth = Deeper(depth);
        foreach (var member in _members) { member.Copy(ref value, ref copy, depth); }
        return copy;
    }

    public override void Write(WireWriter writer, T value)
    {
        if (!typeof(T).IsValueType) { writer.Bool(value is not null); }
        if (value is null) { return; }
        writer.Depth = Deeper(writer.Depth);
        foreach (var member in _members)
        {
            writer.Count(member.Number);
            member.Write(writer, ref value);
        }
        writer.Count(0);
        writer.Depth--;
    }

    public override T Read(ref WireReader reader)
    {
        if (!typeof(T).IsValueType && !reader.Bool()) { return default!; }
        reader.Enter();
        var value = Blank();
        var index = 0;
        for (var number = reader.Number(); number != 0; number = reader.Number())
        {
            while (index < _members.Length && _members[index].Number < number) { index++; }
            if (index == _members.Length || _members[index].Number != number)
            {
                throw new SerializerException(
                    $"{typeof(T)} has no member [Id({(number - 1) & 0xFFFF})] here: the sender was built from another version.");
            }
            _members[index].Read(ref reader, ref value);
        }
        reader.Leave();
        return value;
    }

    private T Blank() => typeof(T).IsValueType ? default!
        : _constructor is not null ? (T)_constructor.Invoke()!
        : (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
}
