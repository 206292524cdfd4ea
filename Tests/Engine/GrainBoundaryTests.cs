using System.Reflection;
using Orleans;

namespace PiGrid.Tests.Engine;

/// <summary>What crosses a grain boundary is what Orleans accepts, whichever engine runs.</summary>
public sealed class GrainBoundaryTests
{
    private readonly BadSamples _make = new();

    [Fact]
    public void Boundaries_OfTheGrid_AreWhatOrleansAccepts()
    {
        Type[] types = [.. Assembly.Load("PiGrid.Grains.Abstractions").GetTypes(), .. Assembly.Load("PiGrid.Grains").GetTypes()];
        Assert.Contains(types, type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type));
        Assert.Empty(BoundaryChecker.Check(types));
    }

    [Fact]
    public void Checker_WhenAnInterfaceIsWrong_SaysWhat()
    {
        Expect("has no [Alias]", _make.Interface(null, ("Do", "Do", typeof(Task), [])));
        Expect("Do has no [Alias]", _make.Interface("i", ("Do", null, typeof(Task), [])));
        Expect("repeats the alias \"Do\"", _make.Interface("i", ("Do", "Do", typeof(Task), []), ("DoAlso", "Do", typeof(Task), [])));
        Expect("returns String", _make.Interface("i", ("Do", "Do", typeof(string), [])));
        Expect("returns List`1", _make.Interface("i", ("Do", "Do", typeof(List<int>), [])));
        Expect(
            "takes 2 cancellation tokens",
            _make.Interface("i", ("Do", "Do", typeof(Task), [typeof(CancellationToken), typeof(CancellationToken)])));
        Expect("by reference", _make.Interface("i", ("Do", "Do", typeof(Task), [typeof(int).MakeByRefType()])));
    }

    [Fact]
    public void Checker_WhenATypeIsWrong_SaysWhat()
    {
        Expect("has no [Alias]", _make.Class(null, true, ("A", 0, typeof(int))));
        Expect("B has no [Id]", _make.Class("c", true, ("A", 0, typeof(int)), ("B", null, typeof(int))));
        Expect("repeats [Id(0)]", _make.Class("c", true, ("A", 0, typeof(int)), ("B", 0, typeof(int))));
        Expect("repeats the alias", _make.Class("c", true), _make.Class("c", true));
    }

    [Fact]
    public void Checker_WhenAReachableTypeIsWrong_SaysWhereItIsReached()
    {
        var plain = _make.Class("plain", false, ("A", 0, typeof(int)));
        var returned = typeof(Task<>).MakeGenericType(typeof(IReadOnlyList<>).MakeGenericType(plain));
        Expect("at the result of", _make.Interface("i", ("Do", "Do", returned, [])));
        Expect("at " + "I", _make.Interface("i", ("Do", "Do", typeof(Task), [plain.MakeArrayType()])));
        Expect("has no [GenerateSerializer]", _make.Class("outer", true, ("Inner", 0, typeof(Dictionary<,>).MakeGenericType(typeof(string), plain))));
    }

    [Fact]
    public void Checker_WhenTypesAreRight_FindsNothing() => Assert.Empty(BoundaryChecker.Check(
        [typeof(IEchoGrain), typeof(ITurnGrain), typeof(ILifeGrain), typeof(IStreamGrain), typeof(IListener), typeof(Letter), typeof(Circle)]));

    private static void Expect(string fault, params Type[] types) =>
        Assert.Contains(BoundaryChecker.Check(types), found => found.Contains(fault, StringComparison.Ordinal));
}
