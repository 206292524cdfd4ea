using System.Reflection.Emit;

namespace Orleans.Embedded;

/// <summary>One numbered field of an owner.</summary>
internal abstract class Member<TOwner>
{
    public int Number { get; private set; }

    public abstract bool IsImmutable { get; }

    public static Member<TOwner> Create(int number, FieldInfo field)
    {
        var member = (Member<TOwner>)Activator.CreateInstance(
            typeof(Member<,>).MakeGenericType(typeof(TOwner), field.FieldType), field)!;
        member.Number = number;
        return member;
    }

    public abstract void Copy(ref TOwner from, ref TOwner to, int depth);

    public abstract void Write(WireWriter writer, ref TOwner from);

    public abstract void Read(ref WireReader reader, ref TOwner to);
}

/// <summary>
/// Reaches the field through a compiled method that returns a reference to it: the only form that serves read-only fields,
/// init-only properties and structs alike.
/// </summary>
internal sealed class Member<TOwner, TValue>(FieldInfo field) : Member<TOwner>
{
    private readonly FieldReference _field = Compile(field);

    // Found at first use and not while the owner's codec is made: a type may contain itself.
    private readonly Lazy<Codec<TValue>> _codec = new(Codecs.For<TValue>);
    private readonly bool _shared = field.IsDefined(typeof(ImmutableAttribute));

    private delegate ref TValue FieldReference(ref TOwner owner);

    public override bool IsImmutable => _shared || (!Contains(typeof(TValue), typeof(TOwner)) && _codec.Value.IsImmutable);

    public override void Copy(ref TOwner from, ref TOwner to, int depth) =>
        _field(ref to) = _shared ? _field(ref from) : _codec.Value.Copy(_field(ref from), depth);

    public override void Write(WireWriter writer, ref TOwner from) => _codec.Value.Write(writer, _field(ref from));

    public override void Read(ref WireReader reader, ref TOwner to) => _field(ref to) = _codec.Value.Read(ref reader);

    private static bool Contains(Type outer, Type inner) => Contains(outer, inner, []);

    private static bool Contains(Type outer, Type inner, HashSet<Type> seen) =>
        outer == inner || (seen.Add(outer) && (outer.IsGenericType || outer.IsArray
            || outer.Namespace?.StartsWith("System", StringComparison.Ordinal) != true)
            && (outer.IsArray ? Contains(outer.GetElementType()!, inner, seen)
                : outer.IsGenericType && outer.GetGenericArguments().Any(argument => Contains(argument, inner, seen))
                || MemberList.AllFields(outer).Any(f => Contains(f.FieldType, inner, seen))));

    private static FieldReference Compile(FieldInfo field)
    {
        var method = new DynamicMethod(
            "ref " + field.Name, typeof(TValue).MakeByRefType(), [typeof(TOwner).MakeByRefType()], typeof(TOwner), skipVisibility: true);
        var body = method.GetILGenerator();
        body.Emit(OpCodes.Ldarg_0);
        if (!typeof(TOwner).IsValueType) { body.Emit(OpCodes.Ldind_Ref); }
        body.Emit(OpCodes.Ldflda, field);
        body.Emit(OpCodes.Ret);
        return method.CreateDelegate<FieldReference>();
    }
}
