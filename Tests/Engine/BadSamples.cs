using System.Reflection;
using System.Reflection.Emit;
using Orleans;
using Orleans.Runtime;

namespace PiGrid.Tests.Engine;

/// <summary>
/// Types that the boundary checker must find fault with. They are made at run time, because neither Orleans's generator nor the
/// engine's start would let them pass in a real assembly.
/// </summary>
internal sealed class BadSamples
{
    private readonly ModuleBuilder _module = AssemblyBuilder
        .DefineDynamicAssembly(new AssemblyName("Bad" + Guid.NewGuid().ToString("N")), AssemblyBuilderAccess.Run).DefineDynamicModule("Bad");

    /// <summary>An interface with methods; an alias is left out where it is null.</summary>
    public Type Interface(string? alias, params (string Name, string? Alias, Type Returns, Type[] Takes)[] methods)
    {
        var type = _module.DefineType(
            "I" + Guid.NewGuid().ToString("N"), TypeAttributes.Public | TypeAttributes.Interface | TypeAttributes.Abstract);
        type.AddInterfaceImplementation(typeof(IAddressable));
        Mark(type.SetCustomAttribute, typeof(AliasAttribute), alias);
        foreach (var method in methods)
        {
            var built = type.DefineMethod(
                method.Name,
                MethodAttributes.Public | MethodAttributes.Abstract | MethodAttributes.Virtual | MethodAttributes.NewSlot,
                method.Returns,
                method.Takes);
            Mark(built.SetCustomAttribute, typeof(AliasAttribute), method.Alias);
        }
        return type.CreateType();
    }

    /// <summary>A class with public fields; attributes are left out where their argument is null.</summary>
    public Type Class(string? alias, bool serializable, params (string Name, uint? Id, Type Type)[] fields)
    {
        var type = _module.DefineType("C" + Guid.NewGuid().ToString("N"), TypeAttributes.Public | TypeAttributes.Class);
        Mark(type.SetCustomAttribute, typeof(AliasAttribute), alias);
        if (serializable)
        {
            type.SetCustomAttribute(new CustomAttributeBuilder(typeof(GenerateSerializerAttribute).GetConstructor([])!, []));
        }
        foreach (var field in fields)
        {
            Mark(type.DefineField(field.Name, field.Type, FieldAttributes.Public).SetCustomAttribute, typeof(IdAttribute), field.Id);
        }
        return type.CreateType();
    }

    private static void Mark<T>(Action<CustomAttributeBuilder> set, Type attribute, T? argument)
    {
        if (argument is not null)
        {
            set(new CustomAttributeBuilder(attribute.GetConstructor([Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T)])!, [argument]));
        }
    }
}
