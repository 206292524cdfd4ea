namespace Orleans.Embedded;

/// <summary>A [GenerateSerializer] type: its members with [Id], base classes first, whatever their access.</summary>
internal sealed class MemberCodec<T> : Codec<T>
{
    private readonly MemberTable<T> _members = new();
    private readonly ConstructorInvoker? _constructor;

    public MemberCodec()
    {
        var fields = MemberList.AllFields(typeof(T)).ToList();
        IsImmutable = typeof(T).IsDefined(typeof(ImmutableAttribute), false) || (typeof(T).IsSealed
            && fields.Count == _members.Count && fields.TrueForAll(field => field.IsInitOnly) && _members.AreImmutable);
        var constructor = typeof(T).GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []);
        _constructor = constructor is null ? null : ConstructorInvoker.Create(constructor);
    }

    public override T Copy(T value, int depth)
    {
        if (IsImmutable || value is null) { return value; }
        var copy = Blank();
        _members.Copy(ref value, ref copy, Deeper(depth));
        return copy;
    }

    public override void Write(WireWriter writer, T value)
    {
        writer.Bool(value is not null);
        if (value is null) { return; }
        writer.Depth = Deeper(writer.Depth);
        _members.Write(writer, ref value);
        writer.Depth--;
    }

    public override T Read(ref WireReader reader)
    {
        if (!reader.Bool()) { return default!; }
        reader.Enter();
        var value = Blank();
        _members.Read(ref reader, ref value);
        reader.Leave();
        return value;
    }

    private T Blank() => typeof(T).IsValueType ? default!
        : (T)(_constructor?.Invoke() ?? RuntimeHelpers.GetUninitializedObject(typeof(T)));
}

/// <summary>The numbered members of a type.</summary>
internal sealed class MemberTable<T>
{
    private readonly Member<T>[] _members = [.. MemberList.Of(typeof(T)).Select(found => Member<T>.Create(found.Number, found.Field))];

    public int Count => _members.Length;

    public bool AreImmutable => _members.All(member => member.IsImmutable);

    public void Copy(ref T from, ref T to, int depth)
    {
        foreach (var member in _members) { member.Copy(ref from, ref to, depth); }
    }

    public void Write(WireWriter writer, ref T from)
    {
        foreach (var member in _members)
        {
            writer.Count(member.Number);
            member.Write(writer, ref from);
        }
        writer.Count(0);
    }

    public void Read(ref WireReader reader, ref T to)
    {
        for (var number = reader.Number(); number != 0; number = reader.Number())
        {
            var member = Array.Find(_members, member => member.Number == number) ?? throw new SerializerException(
                $"{typeof(T)} has no member [Id({(number - 1) & 0xFFFF})] here: the sender was built from another version.");
            member.Read(ref reader, ref to);
        }
    }
}
