using System.Diagnostics;

namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>Injects faults, one at a time into each victim, at a step of a job's life or at any time, and undoes them.</summary>
internal sealed class Injector(FaultGrid grid, Witness witness) : IDisposable
{
    /// <summary>A moment that comes whenever it does.</summary>
    public const string AnyTime = "any";

    private const int HeldMsMax = 2_500, NarrowBytesPerSecond = 4_000;

    private static readonly TimeSpan MomentMax = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _silo = new(1, 1);
    private readonly SemaphoreSlim _door = new(1, 1);
    private readonly Dictionary<string, SemaphoreSlim> _nodes = grid.Volunteers.ToDictionary(n => n.Name, _ => new SemaphoreSlim(1, 1));

    /// <summary>Injects one fault and returns when it is over.</summary>
    /// <param name="kind">What.</param>
    /// <param name="moment">When: one of <see cref="Moments.All"/>, or <see cref="AnyTime"/>; if it does not come soon, the fault comes anyway.</param>
    /// <param name="dice">Chooses victim and length.</param>
    public async Task<Fault> InjectAsync(FaultKind kind, string moment, Random dice)
    {
        var held = TimeSpan.FromMilliseconds(dice.Next(100, HeldMsMax));
        var node = grid.Volunteers[dice.Next(grid.Volunteers.Count)];
        var atTheDoor = kind is FaultKind.Cut or FaultKind.HalfOpen or FaultKind.Delay && dice.Next(5) == 0;
        var victim = kind is FaultKind.KillSilo or FaultKind.FreezeSilo or FaultKind.DiskFull ? "silo" : atTheDoor ? "requester" : node.Name;
        var turn = victim switch { "silo" => _silo, "requester" => _door, _ => _nodes[victim] };
        await turn.WaitAsync();
        try
        {
            var hit = moment == AnyTime || await grid.Moments.WaitAsync(moment, MomentMax);
            var start = Stopwatch.GetTimestamp();
            await DoAsync(kind, node, atTheDoor ? grid.RequesterProxy : node.Proxy, held, dice);
            return new(kind, victim, hit ? moment : AnyTime, (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _silo.Dispose();
        _door.Dispose();
        foreach (var node in _nodes.Values)
        {
            node.Dispose();
        }
    }

    private Task DoAsync(FaultKind kind, GridNode node, FaultProxy proxy, TimeSpan held, Random dice) => kind switch
    {
        FaultKind.KillSilo => KillSiloAsync(held / 2),
        FaultKind.KillAgent => KillAgentAsync(node, held / 2),
        FaultKind.FreezeSilo => FreezeAsync(grid.Silo, held),
        FaultKind.FreezeAgent => FreezeAsync(node.Process, held),
        FaultKind.Cut => CutAsync(proxy, abruptly: dice.Next(2) == 0),
        FaultKind.HalfOpen => HoldAsync(proxy, held, up: dice.Next(3), cut: dice.Next(2) == 0),
        FaultKind.Delay => WeatherAsync(
            proxy,
            dice.Next(3) == 0 ? new Weather { BytesPerSecond = NarrowBytesPerSecond } : new Weather { Delay = TimeSpan.FromMilliseconds(dice.Next(50, 1_000)) },
            held),
        FaultKind.Duplicate => WeatherAsync(proxy, new Weather { Duplicates = true }, held),
        FaultKind.DiskFull => FillDiskAsync(held, most: dice.Next(2) == 0 ? 0 : dice.Next(200_000)),
    };

    private async Task KillSiloAsync(TimeSpan held)
    {
        await grid.KillSiloAsync();
        await Task.Delay(held);
        await grid.StartSiloAsync();
    }

    private async Task KillAgentAsync(GridNode node, TimeSpan held)
    {
        if (await node.KillAsync() is { Count: > 0 } left)
        {
            witness.Complain($"Processes {string.Join(", ", left)} of {node.Name} outlived its agent.");
        }

        await Task.Delay(held);
        node.Start();
    }

    private static async Task FreezeAsync(GridProcess process, TimeSpan held)
    {
        process.Freeze();
        await Task.Delay(held);
        process.Thaw();
    }

    private static Task CutAsync(FaultProxy proxy, bool abruptly)
    {
        proxy.Cut(abruptly);
        return Task.CompletedTask;
    }

    private static async Task HoldAsync(FaultProxy proxy, TimeSpan held, int up, bool cut)
    {
        proxy.Weather = new Weather { HoldsUp = up != 0, HoldsDown = up != 1 };
        await Task.Delay(held);
        if (cut)
        {
            proxy.Cut(abruptly: true);
        }

        proxy.Weather = Weather.Fair;
    }

    private static async Task WeatherAsync(FaultProxy proxy, Weather weather, TimeSpan held)
    {
        proxy.Weather = weather;
        await Task.Delay(held);
        proxy.Weather = Weather.Fair;
    }

    private async Task FillDiskAsync(TimeSpan held, long most)
    {
        grid.Silo.LimitFiles(most);
        await Task.Delay(held);
        grid.Silo.LimitFiles(null);
    }
}
