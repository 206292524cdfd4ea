namespace Orleans.Embedded;

/// <summary>A [GenerateSerializer] type: its members with [Id], base classes first, whatever their access.</summary>
internal sealed class MemberCodec : Codec {
    private readonly Type _type;
    private readonly Member[] _members;
    private readonly ConstructorInvoker? _constructor;

    public MemberCodec(Type type) {
        _type = type;
        _members = [.. MemberList.Of(type).Select(found => new Member(found.Number, found.Field))];
        var fields = MemberList.AllFields(type).ToList();
        IsImmutable = type.IsDefined(typeof(ImmutableAttribute), false) || (type.IsSealed && fields.Count == _members.Length
            && fields.TrueForAll(field => field.IsInitOnly) && Array.TrueForAll(_members, member => member.IsImmutable));
        var constructor = type.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []);
        _constructor = constructor is null || type.IsValueType ? null : ConstructorInvoker.Create(constructor);
    }

    public override object? Copy(object? value, int depth) {
        if (IsImmutable) { return value; }
        var copy = Blank();
        depth = Deeper(depth);
        foreach (var member in _members) {
            var from = member.Field.GetValue(value);
            member.Field.SetValue(copy, member.IsShared ? from : member.Codec.Copy(from, depth));
        }
        return copy;
    }

    public override void Write(WireWriter writer, object? value) {
        writer.Depth = Deeper(writer.Depth);
        foreach (var member in _members) {
            writer.Count(member.Number);
            member.Codec.Write(writer, member.Field.GetValue(value));
        }
        writer.Count(0);
        writer.Depth--;
    }

    public override object? Read(ref WireReader reader) {
        reader.Enter();
        var value = Blank();
        for (var number = reader.Number(); number != 0; number = reader.Number()) {
            var member = Array.Find(_members, member => member.Number == number) ?? throw new SerializerException(
                $"{_type} has no member [Id({(number - 1) & 0xFFFF})] here: the sender was built from another version.");
            member.Field.SetValue(value, member.Codec.Read(ref reader));
        }
        reader.Leave();
        return value;
    }

    private object Blank() => _constructor?.Invoke() ?? RuntimeHelpers.GetUninitializedObject(_type);

    private sealed record Member(int Number, FieldInfo Field) {
        // Found at first use and not while the owner's codec is made: a type may contain itself.
        private readonly Lazy<Codec> _codec = new(() => Codecs.For(Field.FieldType));

        public Codec Codec => _codec.Value;

        public bool IsShared { get; } = Field.IsDefined(typeof(ImmutableAttribute));

        public bool IsImmutable => IsShared || (!MemberList.Contains(Field.FieldType, Field.DeclaringType!, []) && Codec.IsImmutable);
    }
}
