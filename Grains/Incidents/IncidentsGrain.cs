using Orleans;
using Orleans.Runtime;
using PiGrid.Grains.Storage;

namespace PiGrid.Grains.Incidents;

/// <summary>Applies <see cref="IncidentRules"/>; writes a while after a change, so that a storm of incidents is not one of writes.</summary>
internal sealed class IncidentsGrain(
    [PersistentState("incidents", GridStorage.Name)] IPersistentState<IncidentLog> log,
    TimeProvider time) : Grain, IIncidentsGrain
{
    private static readonly TimeSpan SaveAfter = TimeSpan.FromSeconds(5);

    private IGrainTimer? _timer;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _timer is null ? Task.CompletedTask : Save();

    public Task Report(IncidentKind kind, string subject, string detail) => Change(IncidentRules.Report(log.State, kind, subject, detail, time.GetUtcNow()));

    public Task Close(IncidentKind kind, string subject) => Change(IncidentRules.Close(log.State, kind, subject, time.GetUtcNow()));

    public Task<IReadOnlyList<Incident>> List() => Task.FromResult<IReadOnlyList<Incident>>(IncidentRules.InOrder(log.State).ToArray());

    private Task Change(IncidentLog next)
    {
        if (next != log.State)
        {
            log.State = next;
            _timer ??= this.RegisterGrainTimer(_ => Save(), new GrainTimerCreationOptions { DueTime = SaveAfter, Period = SaveAfter, KeepAlive = true });
        }

        return Task.CompletedTask;
    }

    // A store that is away is tried again at the timer's next tick.
    private async Task Save()
    {
        await log.WriteStateAsync();
        _timer?.Dispose();
        _timer = null;
    }
}
