using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Runtime;

namespace PiGrid.Tests.Engine;

/// <summary>
/// Finds what Orleans would refuse, or could not evolve, at grain boundaries: in grain and observer interfaces and in every type
/// reachable from their signatures.
/// </summary>
public sealed class BoundaryChecker
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly List<string> _faults = [];
    private readonly HashSet<Type> _seen = [];
    private readonly Dictionary<string, Type> _aliases = [];
    private readonly IReadOnlyList<Type> _candidates;

    private BoundaryChecker(IEnumerable<Type> candidates) => _candidates = [.. candidates];

    /// <summary>Faults of some types, each naming its place; empty when all is well.</summary>
    public static IReadOnlyList<string> Check(IEnumerable<Type> types)
    {
        var checker = new BoundaryChecker(types);
        foreach (var type in checker._candidates)
        {
            if (type.IsInterface && typeof(IAddressable).IsAssignableFrom(type))
            {
                checker.CheckInterface(type);
            }
            else if (type.IsDefined(typeof(GenerateSerializerAttribute), false))
            {
                checker.CheckType(type, "its own [GenerateSerializer]");
            }
        }
        return checker._faults;
    }

    private void CheckInterface(Type type)
    {
        CheckAlias(type, type);
        var names = new HashSet<string>();
        foreach (var method in type.GetMethods())
        {
            var place = $"{type.Name}.{method.Name}";
            var alias = method.GetCustomAttribute<AliasAttribute>()?.Alias;
            Require(alias is not null, $"{place} has no [Alias]");
            Require(alias is null || names.Add(alias), $"{place} repeats the alias \"{alias}\"");
            Require(!method.IsGenericMethod, $"{place} is generic");
            var tokens = method.GetParameters().Count(parameter => parameter.ParameterType == typeof(CancellationToken));
            Require(tokens <= 1, $"{place} takes {tokens} cancellation tokens");
            CheckReturn(method, place);
            foreach (var parameter in method.GetParameters().Where(p => p.ParameterType != typeof(CancellationToken)))
            {
                Require(!parameter.ParameterType.IsByRef, $"{place}({parameter.Name}) is by reference");
                CheckType(parameter.ParameterType, $"{place}({parameter.Name})");
            }
        }
    }

    private void CheckReturn(MethodInfo method, string place)
    {
        var type = method.ReturnType;
        if (type == typeof(void) || type == typeof(Task) || type == typeof(ValueTask))
        {
            return;
        }
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        var fits = definition == typeof(Task<>) || definition == typeof(ValueTask<>) || definition == typeof(IAsyncEnumerable<>);
        Require(fits, $"{place} returns {type.Name}");
        Require(!method.IsDefined(typeof(Orleans.Concurrency.OneWayAttribute)), $"{place} is one-way and returns a value");
        if (fits)
        {
            CheckType(type.GetGenericArguments()[0], $"the result of {place}");
        }
    }

    private void CheckType(Type type, string place)
    {
        if (type.IsGenericParameter || !_seen.Add(type))
        {
            return;
        }
        if (type.IsArray)
        {
            CheckType(type.GetElementType()!, place);
        }
        else if (type.Assembly == typeof(object).Assembly || type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true
            || type.Namespace?.StartsWith("Orleans", StringComparison.Ordinal) == true)
        {
            foreach (var argument in type.GetGenericArguments())
            {
                CheckType(argument, place);
            }
        }
        else if (!typeof(IAddressable).IsAssignableFrom(type))
        {
            CheckOwnType(type, place);
        }
    }

    private void CheckOwnType(Type type, string place)
    {
        if (!type.IsInterface)
        {
            Require(type.IsDefined(typeof(GenerateSerializerAttribute), false), $"{type} at {place} has no [GenerateSerializer]");
            CheckAlias(type, type);
        }
        if (!type.IsEnum)
        {
            CheckMembers(type);
        }
        foreach (var derived in _candidates.Where(candidate => type != candidate && type.IsAssignableFrom(candidate) && !candidate.IsInterface))
        {
            CheckType(derived, $"{type.Name}, which it derives from");
        }
        if (type.BaseType is { } parent && parent.Assembly == type.Assembly)
        {
            CheckType(parent, $"{type.Name}, its derived class");
        }
    }

    private void CheckMembers(Type type)
    {
        var ids = new HashSet<uint>();
        foreach (var member in type.GetMembers(Declared))
        {
            var id = member is FieldInfo or PropertyInfo ? member.GetCustomAttribute<IdAttribute>()?.Id : null;
            Require(id is null || ids.Add(id.Value), $"{type.Name}.{member.Name} repeats [Id({id})]");
            var stored = member switch
            {
                FieldInfo field => field.IsDefined(typeof(CompilerGeneratedAttribute)) ? null : field.FieldType,
                PropertyInfo property => IsStored(type, property) ? property.PropertyType : null,
                _ => null,
            };
            if (stored is not null)
            {
                Require(id is not null || member.IsDefined(typeof(NonSerializedAttribute)), $"{type.Name}.{member.Name} has no [Id]");
                CheckType(stored, $"{type.Name}.{member.Name}");
            }
        }
    }

    private static bool IsStored(Type type, PropertyInfo property) => property.GetIndexParameters().Length == 0
        && type.GetField($"<{property.Name}>k__BackingField", Declared) is not null;

    private void CheckAlias(Type type, MemberInfo named)
    {
        var alias = named.GetCustomAttribute<AliasAttribute>(false)?.Alias;
        Require(alias is not null, $"{type} has no [Alias]");
        if (alias is not null && !_aliases.TryAdd(alias, type))
        {
            Require(_aliases[alias] == type, $"{type} repeats the alias \"{alias}\" of {_aliases[alias]}");
        }
    }

    private void Require(bool holds, string fault)
    {
        if (!holds)
        {
            _faults.Add(fault);
        }
    }
}
