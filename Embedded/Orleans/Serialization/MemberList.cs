namespace Orleans.Embedded;

/// <summary>Which fields of a type cross a grain boundary, and under which numbers.</summary>
internal static class MemberList
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    // A record's parameters without [Id] are numbered above all explicit ids, as Orleans keeps them apart.
    private const int ImplicitStart = 0x8000;

    /// <summary>The numbered fields: 1 + id, plus 65,536 for each level of inheritance. In ascending order.</summary>
    public static IEnumerable<(int Number, FieldInfo Field)> Of(Type type)
    {
        if (type.Namespace is "System" or "System.Collections.Generic" && !typeof(Exception).IsAssignableFrom(type))
        {
            // Tuples and pairs: every field, in order.
            return type.GetFields(Declared).Select((field, index) => (index + 1, field));
        }
        var levels = Levels(type).Reverse().Where(level => level.IsDefined(typeof(GenerateSerializerAttribute), false));
        return levels.SelectMany((level, depth) => OfLevel(level)
            .Select(member => (Number: 1 + (depth << 16) + member.Id, member.Field))
            .OrderBy(member => member.Number));
    }

    /// <summary>All instance fields, inherited ones too.</summary>
    public static IEnumerable<FieldInfo> AllFields(Type type) => Levels(type).SelectMany(level => level.GetFields(Declared));

    private static IEnumerable<Type> Levels(Type type)
    {
        for (var level = type; level is not null && level != typeof(object); level = level.BaseType) { yield return level; }
    }

    private static IEnumerable<(int Id, FieldInfo Field)> OfLevel(Type type)
    {
        var seen = new HashSet<uint>();
        foreach (var member in type.GetMembers(Declared))
        {
            if (member is FieldInfo or PropertyInfo && member.GetCustomAttribute<IdAttribute>() is { Id: var id })
            {
                yield return id < ImplicitStart && seen.Add(id)
                    ? ((int)id, member as FieldInfo ?? BackingField(type, member.Name) ?? throw NoField(type, member))
                    : throw new SerializerException($"{type}.{member.Name} has [Id({id})], which is too large or used twice.");
            }
        }
        var parameters = RecordParameters(type);
        for (var i = 0; i < parameters.Length; i++)
        {
            if (type.GetProperty(parameters[i].Name!, Declared) is { } property
                && !property.IsDefined(typeof(IdAttribute)) && BackingField(type, property.Name) is { } field)
            {
                yield return (ImplicitStart + i, field);
            }
        }
    }

    private static FieldInfo? BackingField(Type type, string property) => type.GetField($"<{property}>k__BackingField", Declared);

    private static NotSupportedException NoField(Type type, MemberInfo member) => new(
        $"{type}.{member.Name} has [Id] but computes its value: the embedded engine wants [Id] on the field behind it.");

    private static ParameterInfo[] RecordParameters(Type type)
    {
        var isRecord = type.GetMethod("PrintMembers", Declared) is { } print && print.IsDefined(typeof(CompilerGeneratedAttribute));
        return !isRecord ? [] : type.GetConstructors(Declared)
            .Select(constructor => constructor.GetParameters())
            .Where(parameters => parameters.All(p => p.Name is not null && type.GetProperty(p.Name, Declared) is not null))
            .MaxBy(parameters => parameters.Length) ?? [];
    }
}
