namespace Orleans.Embedded;

/// <summary>Which fields of a type cross a grain boundary, and under which numbers.</summary>
internal static class MemberList {
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private const int IdMax = 0x7FFF;

    /// <summary>The numbered fields: 1 + id, plus 65,536 for each level of inheritance. Of tuples and pairs: every field.</summary>
    public static IEnumerable<(int Number, FieldInfo Field)> Of(Type type) =>
        CollectionCodecs.IsTuple(type)
            ? type.GetFields(Declared).Select((field, index) => (index + 1, field))
            : Levels(type).Reverse().Where(level => level.IsDefined(typeof(GenerateSerializerAttribute), false))
                .SelectMany((level, depth) => OfLevel(level).Select(member => (1 + (depth << 16) + member.Id, member.Field)));

    public static IEnumerable<FieldInfo> AllFields(Type type) => Levels(type).SelectMany(level => level.GetFields(Declared));

    /// <summary>True when values of one type may hold values of another, however deep.</summary>
    public static bool Contains(Type outer, Type inner, HashSet<Type> seen) => outer == inner || (seen.Add(outer)
        && (outer.GetElementType() is { } item ? Contains(item, inner, seen)
            : outer.GetGenericArguments().Any(argument => Contains(argument, inner, seen))
                || (outer.IsDefined(typeof(GenerateSerializerAttribute), false)
                    && AllFields(outer).Any(field => Contains(field.FieldType, inner, seen)))));

    private static IEnumerable<Type> Levels(Type? type) {
        for (; type is not null && type != typeof(object); type = type.BaseType) { yield return type; }
    }

    private static IEnumerable<(int Id, FieldInfo Field)> OfLevel(Type type) {
        var seen = new HashSet<uint>();
        var isRecord = type.GetMethod("PrintMembers", Declared) is not null;
        foreach (var member in type.GetMembers(Declared).Where(member => member is FieldInfo or PropertyInfo)) {
            if (member.GetCustomAttribute<IdAttribute>() is { Id: var id }) {
                yield return id <= IdMax && seen.Add(id)
                    ? ((int)id, member as FieldInfo ?? Backing(type, member.Name) ?? throw new NotSupportedException(
                        $"{type}.{member.Name} has [Id] but computes its value: the embedded engine wants [Id] on the field behind it."))
                    : throw new SerializerException($"{type}.{member.Name} has [Id({id})], which is too large or used twice.");
            }
            else if (isRecord && Backing(type, member.Name) is not null) {
                // Orleans numbers a record's parameters by itself; such numbers change with their order, so that here they are named.
                throw new NotSupportedException($"{type}.{member.Name} has no [Id]: the embedded engine wants one, as [property: Id(n)].");
            }
        }
    }

    private static FieldInfo? Backing(Type type, string property) => type.GetField($"<{property}>k__BackingField", Declared);
}
