using System.Collections.Immutable;
using PiGrid.Grains.Jobs;
using PiGrid.Grains.Shards.Segments;

namespace PiGrid.Grains.Shards;

/// <summary>One step under construction: the state so far and the commands so far. It lives for a single call of the rules.</summary>
internal sealed class ShardWork(ShardState state, DateTimeOffset now, Guid fresh, JobOptions options, SegmentCheckOptions segments)
{
    private readonly ImmutableList<ShardCommand>.Builder _commands = ImmutableList.CreateBuilder<ShardCommand>();
    private byte _requests;

    /// <summary>The state so far.</summary>
    public ShardState State { get; set; } = state with { Step = state.Step + 2 };

    /// <summary>The instant of the event.</summary>
    public DateTimeOffset Now { get; } = now;

    /// <summary>The limits in force.</summary>
    public JobOptions Options { get; } = options;

    /// <summary>How much a check by segments looks at.</summary>
    public SegmentCheckOptions Segments { get; } = segments;

    /// <summary>The step's random bytes.</summary>
    public ReadOnlySpan<byte> Fresh => fresh.ToByteArray();

    /// <summary>Adds a command.</summary>
    public void Do(ShardCommand command) => _commands.Add(command);

    /// <summary>The next request id of this step: the random id with its last byte counted on.</summary>
    public Guid NextRequest()
    {
        Span<byte> bytes = stackalloc byte[16];
        fresh.TryWriteBytes(bytes);
        bytes[15] = unchecked((byte)(bytes[15] + _requests++));
        return new Guid(bytes);
    }

    /// <summary>Puts <paramref name="after"/> in the place of <paramref name="before"/>.</summary>
    public void Replace(Replica before, Replica after) => State = State with { Replicas = State.Replicas.Replace(before, after) };

    /// <summary>The finished step.</summary>
    public ShardStep ToStep() => new(State, _commands.ToImmutable());
}
