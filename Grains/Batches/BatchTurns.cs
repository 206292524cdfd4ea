using Microsoft.Extensions.Options;

namespace PiGrid.Grains.Batches;

/// <summary>Lets few batches of a silo read or write files at once: each holds lines of them in memory.</summary>
public sealed class BatchTurns(IOptions<BatchOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _turns = new(options.Value.WorkAtOnce);

    /// <summary>Waits for a turn, which ends with the result's disposal.</summary>
    public async Task<IDisposable> TakeAsync(CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        return new Turn(_turns);
    }

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        public void Dispose() => turns.Release();
    }
}
