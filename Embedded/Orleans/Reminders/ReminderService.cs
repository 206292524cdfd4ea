namespace Orleans.Embedded;

/// <summary>Keeps reminders in the table and sends their ticks. The one silo reads the table once; after that, all changes pass through
/// here. A tick waits until the one before it was handled.</summary>
internal sealed partial class ReminderService(
    SiloRuntime silo, IServiceProvider services, IOptions<ReminderOptions> options, ILogger<ReminderService> logger)
    : IReminderRegistry, ISiloPart {
    // The longest single wait; a longer one is waited for in parts.
    private static readonly TimeSpan WaitMax = TimeSpan.FromDays(1);
    private readonly TimeProvider _time = services.GetKeyedService<TimeProvider>("Orleans.Reminders") ?? silo.Time;
    private readonly ConcurrentDictionary<(GrainId, string), CancellationTokenSource> _scheduled = new();

    private IReminderTable Table => services.GetService<IReminderTable>() ?? throw new OrleansConfigurationException(
        "The reminder service has no table: register an IReminderTable.");

    private DateTime Now => _time.GetUtcNow().UtcDateTime;

    public async Task StartAsync(CancellationToken cancellationToken) {
        await Table.StartAsync(cancellationToken);
        foreach (var entry in (await Table.ReadRows(0, 0)).Reminders) { Schedule(entry); }
    }

    public Task StopAsync(CancellationToken cancellationToken) {
        foreach (var running in _scheduled.Values) { running.Cancel(); }
        return Table.StopAsync(cancellationToken);
    }

    public async Task<IGrainReminder> RegisterOrUpdateReminder(
        GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period) {
        ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        if (period < options.Value.MinimumReminderPeriod) {
            throw new ArgumentException($"Cannot register reminder {reminderName} as requested period ({period}) is less than minimum "
                + $"allowed reminder period ({options.Value.MinimumReminderPeriod})");
        }
        var entry = new ReminderEntry {
            GrainId = callingGrainId, ReminderName = reminderName, StartAt = Now + dueTime, Period = period,
        };
        entry.ETag = await Table.UpsertRow(entry) ?? throw new ReminderException(
            $"Could not register reminder {entry} to reminder table due to a race. Please try again later.");
        Schedule(entry);
        return new Reminder(reminderName, entry.ETag);
    }

    public async Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder) {
        var removed = await Table.RemoveRow(callingGrainId, reminder.ReminderName, ((Reminder)reminder).ETag);
        if (!removed && await Table.ReadRow(callingGrainId, reminder.ReminderName) is not null) {
            throw new ReminderException(
                $"Could not unregister reminder {reminder} from the reminder table, due to tag mismatch. You can retry.");
        }
        Unschedule(callingGrainId, reminder.ReminderName);
    }

    public async Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName) =>
        await Table.ReadRow(callingGrainId, reminderName) is { } entry ? new Reminder(reminderName, entry.ETag!) : null;

    public async Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId) =>
        [.. (await Table.ReadRows(callingGrainId)).Reminders.Select(entry => new Reminder(entry.ReminderName, entry.ETag!))];

    private void Schedule(ReminderEntry entry) {
        Unschedule(entry.GrainId, entry.ReminderName);
        var stop = new CancellationTokenSource();
        _scheduled[(entry.GrainId, entry.ReminderName)] = stop;
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow()) { Task.Run(() => RunAsync(entry, stop.Token)); }
    }

    private void Unschedule(GrainId grain, string name) {
        if (_scheduled.TryRemove((grain, name), out var running)) { running.Cancel(); }
    }

    private async Task RunAsync(ReminderEntry entry, CancellationToken stop) {
        for (var at = ReminderSchedule.NextAt(entry, Now); ; at = ReminderSchedule.FollowingAt(entry, at, Now)) {
            for (var wait = at - Now; wait > TimeSpan.Zero; wait = at - Now) { await Task.Delay(wait < WaitMax ? wait : WaitMax, _time, stop); }
            try {
                await silo.Factory.GetGrain<IRemindable>(entry.GrainId)
                    .ReceiveReminder(entry.ReminderName, new TickStatus(entry.StartAt, entry.Period, Now)).WaitAsync(stop);
            }
            catch (Exception failure) when (!stop.IsCancellationRequested) { LogTickFailed(failure, entry.ReminderName, entry.GrainId); }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Reminder {Reminder} of {Grain} failed")]
    private partial void LogTickFailed(Exception failure, string reminder, GrainId grain);
}

/// <summary>A reminder as its grain holds it.</summary>
[GenerateSerializer, Immutable]
internal sealed record Reminder([property: Id(0)] string ReminderName, [property: Id(1)] string ETag) : IGrainReminder;
