namespace Orleans.Embedded;

/// <summary>
/// Keeps reminders in the table and sends their ticks. The one silo reads the table once; after that, all changes pass through
/// here. A tick waits until the one before it was handled.
/// </summary>
internal sealed partial class ReminderService(
    SiloRuntime silo, IServiceProvider services, IOptions<ReminderOptions> options, ILogger<ReminderService> logger)
    : IReminderRegistry, ISiloPart
{
    // The longest single wait of a timer; a longer one is waited for in parts.
    private static readonly TimeSpan WaitMax = TimeSpan.FromDays(1);
    private readonly TimeProvider _time = services.GetKeyedService<TimeProvider>("Orleans.Reminders") ?? silo.Time;
    private readonly ConcurrentDictionary<(GrainId, string), Scheduled> _scheduled = new();

    private IReminderTable Table => services.GetService<IReminderTable>() ?? throw new OrleansConfigurationException(
        "The reminder service has no table: register an IReminderTable.");

    private DateTime Now => _time.GetUtcNow().UtcDateTime;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Table.StartAsync(cancellationToken);
        foreach (var entry in (await Table.ReadRows(0, 0)).Reminders) { Schedule(entry); }
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var scheduled in _scheduled.Values) { scheduled.Timer.Dispose(); }
        return Table.StopAsync(cancellationToken);
    }

    public async Task<IGrainReminder> RegisterOrUpdateReminder(
        GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        if (period < options.Value.MinimumReminderPeriod)
        {
            throw new ArgumentException($"Cannot register reminder {reminderName} as requested period ({period}) is less than minimum "
                + $"allowed reminder period ({options.Value.MinimumReminderPeriod})");
        }
        var entry = new ReminderEntry
        {
            GrainId = callingGrainId, ReminderName = reminderName, StartAt = Now + dueTime, Period = period,
        };
        entry.ETag = await Table.UpsertRow(entry) ?? throw new ReminderException(
            $"Could not register reminder {entry} to reminder table due to a race. Please try again later.");
        Schedule(entry);
        return new Reminder(reminderName, entry.ETag);
    }

    public async Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder)
    {
        var removed = await Table.RemoveRow(callingGrainId, reminder.ReminderName, ((Reminder)reminder).ETag);
        if (!removed && await Table.ReadRow(callingGrainId, reminder.ReminderName) is not null)
        {
            throw new ReminderException(
                $"Could not unregister reminder {reminder} from the reminder table, due to tag mismatch. You can retry.");
        }
        if (_scheduled.TryRemove((callingGrainId, reminder.ReminderName), out var scheduled)) { scheduled.Timer.Dispose(); }
    }

    public async Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName) =>
        await Table.ReadRow(callingGrainId, reminderName) is { } entry ? new Reminder(reminderName, entry.ETag!) : null;

    public async Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId) =>
        [.. (await Table.ReadRows(callingGrainId)).Reminders.Select(entry => new Reminder(entry.ReminderName, entry.ETag!))];

    private void Schedule(ReminderEntry entry)
    {
        if (entry.Period <= TimeSpan.Zero) { return; }
        var fresh = new Scheduled(entry) { NextAt = ReminderSchedule.NextAt(entry, Now) };
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
        {
            fresh.Timer = _time.CreateTimer(_ => _ = FireAsync(fresh), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        _scheduled.AddOrUpdate((entry.GrainId, entry.ReminderName), fresh, (_, old) =>
        {
            old.Timer.Dispose();
            return fresh;
        });
        Wait(fresh);
    }

    private void Wait(Scheduled scheduled)
    {
        var wait = scheduled.NextAt - Now;
        scheduled.Timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > WaitMax ? WaitMax : wait, Timeout.InfiniteTimeSpan);
    }

    private async Task FireAsync(Scheduled scheduled)
    {
        var (entry, now) = (scheduled.Entry, Now);
        if (now >= scheduled.NextAt)
        {
            try
            {
                await silo.Factory.GetGrain<IRemindable>(entry.GrainId)
                    .ReceiveReminder(entry.ReminderName, new TickStatus(entry.StartAt, entry.Period, now));
            }
            catch (Exception failure)
            {
                LogTickFailed(failure, entry.ReminderName, entry.GrainId);
            }
            scheduled.NextAt = ReminderSchedule.FollowingAt(entry, scheduled.NextAt, Now);
        }
        Wait(scheduled);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Reminder {Reminder} of {Grain} failed")]
    private partial void LogTickFailed(Exception failure, string reminder, GrainId grain);

    private sealed record Scheduled(ReminderEntry Entry)
    {
        public DateTime NextAt { get; set; }

        public ITimer Timer { get; set; } = null!;
    }
}

/// <summary>A reminder as its grain holds it.</summary>
[GenerateSerializer, Immutable]
internal sealed record Reminder([property: Id(0)] string ReminderName, [property: Id(1)] string ETag) : IGrainReminder;
