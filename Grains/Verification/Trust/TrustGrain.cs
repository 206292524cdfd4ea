using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using PiGrid.Grains.Storage;
using PiGrid.Verification;

namespace PiGrid.Grains.Verification.Trust;

/// <summary>Keeps the grid's <see cref="TrustBook"/>. Evidence of the last seconds may be lost with the silo: it says how likely lies are, and not who lied.</summary>
internal sealed class TrustGrain(
    [PersistentState("trust", GridStorage.Name)] IPersistentState<TrustBook> book, IOptions<TrustOptions> options, TimeProvider time) : Grain, ITrustGrain
{
    private static readonly TimeSpan SaveAfter = TimeSpan.FromSeconds(10);

    private IGrainTimer? _timer;
    private bool _isUnsaved;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        book.State = book.State.Fit();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Save(cancellationToken);

    public Task Record(OwnerId owner, int passed, bool failed, bool isFirst)
    {
        book.State = book.State.Record(owner, passed, failed, isFirst, time.GetUtcNow(), options.Value);
        _isUnsaved = true;
        _timer ??= this.RegisterGrainTimer(Save, new GrainTimerCreationOptions { DueTime = SaveAfter, Period = SaveAfter, KeepAlive = true });
        return Task.CompletedTask;
    }

    public Task<TrustView> GetView(long known) => Task.FromResult(book.State.ToView(known, time.GetUtcNow(), options.Value));

    private async Task Save(CancellationToken cancellationToken)
    {
        if (!_isUnsaved)
        {
            // Nothing came for a while: the next check starts the timer again, and until then the grain may leave memory.
            _timer?.Dispose();
            _timer = null;
            return;
        }

        // Cleared only when it is written: a store that is away is tried again.
        await book.WriteStateAsync(cancellationToken);
        _isUnsaved = false;
    }
}
