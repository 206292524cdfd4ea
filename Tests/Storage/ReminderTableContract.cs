using Orleans;
using Orleans.Runtime;

namespace PiGrid.Tests.Storage;

/// <summary>What the engine relies on of a table of reminders, whatever keeps it. A table joins by deriving from this.</summary>
public abstract class ReminderTableContract : IAsyncLifetime
{
    private static readonly DateTime Start = new(2026, 3, 4, 5, 6, 7, DateTimeKind.Utc);

    private IReminderTable _table = null!;

    protected abstract Task<IReminderTable> OpenAsync();

    protected abstract Task CloseAsync();

    public async Task InitializeAsync() => _table = await OpenAsync();

    public Task DisposeAsync() => CloseAsync();

    [ContractFact]
    public async Task Upsert_ThenRead_GivesTheRowBack_AlsoAfterReopening()
    {
        var etag = await _table.UpsertRow(Entry("j_1", "resume"));
        await CloseAsync();
        _table = await OpenAsync();

        var row = await _table.ReadRow(GrainId.Create("job", "j_1"), "resume");

        Assert.Equal(GrainId.Create("job", "j_1"), row!.GrainId);
        Assert.Equal((Start, DateTimeKind.Utc), (row.StartAt, row.StartAt.Kind));
        Assert.Equal((TimeSpan.FromMinutes(5), etag), (row.Period, row.ETag));
        Assert.Null(await _table.ReadRow(GrainId.Create("job", "j_1"), "other"));
    }

    [ContractFact]
    public async Task Upsert_OfARowThatIsThere_ReplacesItUnderANewVersion()
    {
        var first = await _table.UpsertRow(Entry("j_1", "resume"));
        var changed = Entry("j_1", "resume");
        changed.Period = TimeSpan.FromHours(1);

        var second = await _table.UpsertRow(changed);

        Assert.NotEqual(first, second);
        var row = Assert.Single((await _table.ReadRows(GrainId.Create("job", "j_1"))).Reminders);
        Assert.Equal((TimeSpan.FromHours(1), second), (row.Period, row.ETag));
    }

    [ContractFact]
    public async Task Remove_NeedsTheCurrentVersion()
    {
        var grain = GrainId.Create("job", "j_1");
        var old = await _table.UpsertRow(Entry("j_1", "resume"));
        var current = await _table.UpsertRow(Entry("j_1", "resume"));

        Assert.False(await _table.RemoveRow(grain, "resume", old!));
        Assert.True(await _table.RemoveRow(grain, "resume", current!));
        Assert.False(await _table.RemoveRow(grain, "resume", current!));
        Assert.Empty((await _table.ReadRows(grain)).Reminders);
    }

    [ContractFact]
    public async Task ReadRows_OfARange_IsExclusiveBelowAndInclusiveAbove_AndWrapsAround()
    {
        for (var i = 0; i < 20; i++)
        {
            await _table.UpsertRow(Entry($"j_{i}", "resume"));
        }

        var all = (await _table.ReadRows(0, 0)).Reminders.Select(r => r.GrainId.GetUniformHashCode()).Order().ToArray();
        Assert.Equal(20, all.Length);
        var (low, high) = (all[5], all[10]);
        var inner = (await _table.ReadRows(low, high)).Reminders.Select(r => r.GrainId.GetUniformHashCode()).Order();
        var outer = (await _table.ReadRows(high, low)).Reminders.Select(r => r.GrainId.GetUniformHashCode()).Order();
        Assert.Equal(all[6..11], inner);
        Assert.Equal([.. all[..6], .. all[11..]], outer);
    }

    private static ReminderEntry Entry(string key, string name) => new()
    {
        GrainId = GrainId.Create("job", key),
        ReminderName = name,
        StartAt = Start,
        Period = TimeSpan.FromMinutes(5),
    };
}
