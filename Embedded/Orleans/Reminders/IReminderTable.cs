namespace Orleans;

/// <summary>The store of reminders.</summary>
public interface IReminderTable {
    Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    Task<ReminderTableData> ReadRows(GrainId grainId);

    /// <summary>The reminders whose grain's <see cref="GrainId.GetUniformHashCode"/> is above <paramref name="begin"/> and at most
    /// <paramref name="end"/>; when begin is not below end, above begin or at most end, so that (0, 0) reads all.</summary>
    Task<ReminderTableData> ReadRows(uint begin, uint end);

    Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName);

    /// <summary>Writes a reminder whatever was there; returns its new version.</summary>
    Task<string?> UpsertRow(ReminderEntry entry);

    Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag);

    Task TestOnlyClearTable();

    Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
}

/// <summary>Rows of the table.</summary>
[GenerateSerializer]
public sealed class ReminderTableData(IEnumerable<ReminderEntry> list) {
    public ReminderTableData(ReminderEntry entry) : this([entry]) { }

    public ReminderTableData() : this([]) { }

    [Id(0)] public IList<ReminderEntry> Reminders { get; private set; } = [.. list];
}

/// <summary>One reminder in the table; times are UTC.</summary>
[GenerateSerializer]
public sealed class ReminderEntry {
    [Id(0)] public GrainId GrainId { get; set; }

    [Id(1)] public string ReminderName { get; set; } = null!;

    [Id(2)] public DateTime StartAt { get; set; }

    [Id(3)] public TimeSpan Period { get; set; }

    [Id(4)] public string? ETag { get; set; }

    public override string ToString() => $"<GrainId={GrainId} ReminderName={ReminderName} Period={Period}>";
}
