using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace PiGrid.Tests.Storage;

/// <summary>What grains and the engine rely on of a store of grain states, whatever keeps it. A store joins by deriving from this.</summary>
public abstract class GrainStorageContract : IAsyncLifetime
{
    private static readonly GrainId Grain = GrainId.Create("job", "j_1");

    /// <summary>The store, newly opened over what it kept.</summary>
    protected abstract Task<IGrainStorage> OpenAsync();

    protected abstract Task CloseAsync();

    private IGrainStorage _store = null!;

    public async Task InitializeAsync() => _store = await OpenAsync();

    public Task DisposeAsync() => CloseAsync();

    [ContractFact]
    public async Task Read_WhenThereIsNoRecord_GivesABlankState()
    {
        var state = new GrainState<Note> { State = new Note { Text = "left over" }, ETag = "x", RecordExists = true };

        await _store.ReadStateAsync("note", Grain, state);

        Assert.Equal((false, null), (state.RecordExists, state.ETag));
        Assert.Equal("", state.State!.Text);
    }

    [ContractFact]
    public async Task Write_ThenRead_GivesTheStateBack_AlsoAfterReopening()
    {
        var written = await WriteAsync(new Note { Text = "ü \"x\" \n", Numbers = [1, -2, long.MaxValue], At = DateTimeOffset.UnixEpoch.AddTicks(7) });
        var read = await ReadAsync();
        Assert.Equal(written.ETag, read.ETag);

        await CloseAsync();
        _store = await OpenAsync();

        var again = await ReadAsync();
        Assert.True(again.RecordExists);
        Assert.Equal("ü \"x\" \n", again.State!.Text);
        Assert.Equal([1, -2, long.MaxValue], again.State.Numbers);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddTicks(7), again.State.At);
    }

    [ContractFact]
    public async Task States_OfOtherNamesAndGrains_AreApart()
    {
        await WriteAsync(new Note { Text = "mine" });
        var (name, grain) = (new GrainState<Note>(), new GrainState<Note>());

        await _store.ReadStateAsync("other", Grain, name);
        await _store.ReadStateAsync("note", GrainId.Create("job", "j_2"), grain);

        Assert.Equal((false, false), (name.RecordExists, grain.RecordExists));
    }

    [ContractFact]
    public async Task Write_WhenSomebodyElseWrote_IsRefusedAndKeepsTheirs()
    {
        var mine = await WriteAsync(new Note { Text = "first" });
        var theirs = await ReadAsync();
        theirs.State!.Text = "theirs";
        await _store.WriteStateAsync("note", Grain, theirs);
        mine.State!.Text = "mine";

        var refused = await Assert.ThrowsAsync<InconsistentStateException>(() => _store.WriteStateAsync("note", Grain, mine));

        Assert.Equal((theirs.ETag, mine.ETag), (refused.StoredEtag, refused.CurrentEtag));
        Assert.Equal("theirs", (await ReadAsync()).State!.Text);
    }

    [ContractFact]
    public async Task Write_WhenThereShouldBeNoRecordButIs_IsRefused()
    {
        await WriteAsync(new Note());

        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(new Note()));
    }

    [ContractFact]
    public async Task Write_WhenTheRecordWasCleared_IsRefused()
    {
        var stale = await WriteAsync(new Note());
        await _store.ClearStateAsync("note", Grain, await ReadAsync());

        await Assert.ThrowsAsync<InconsistentStateException>(() => _store.WriteStateAsync("note", Grain, stale));
    }

    [ContractFact]
    public async Task Write_WhenTheRecordWasClearedAndWrittenAnew_IsStillRefused()
    {
        var stale = await WriteAsync(new Note());
        await _store.ClearStateAsync("note", Grain, await ReadAsync());
        await WriteAsync(new Note { Text = "new" });

        await Assert.ThrowsAsync<InconsistentStateException>(() => _store.WriteStateAsync("note", Grain, stale));
    }

    [ContractFact]
    public async Task Clear_RemovesTheRecord_AndTheStateCanBeWrittenAgain()
    {
        var state = await WriteAsync(new Note { Text = "x" });

        await _store.ClearStateAsync("note", Grain, state);

        Assert.Equal((false, null, ""), (state.RecordExists, state.ETag, state.State!.Text));
        Assert.False((await ReadAsync()).RecordExists);
        await _store.WriteStateAsync("note", Grain, state);
        Assert.True((await ReadAsync()).RecordExists);
    }

    [ContractFact]
    public async Task Clear_WhenSomebodyElseWrote_IsRefused()
    {
        var stale = await WriteAsync(new Note());
        await _store.WriteStateAsync("note", Grain, await ReadAsync());

        await Assert.ThrowsAsync<InconsistentStateException>(() => _store.ClearStateAsync("note", Grain, stale));
        Assert.True((await ReadAsync()).RecordExists);
    }

    [ContractFact]
    public async Task Clear_WhenThereIsNoRecord_ChangesNothing()
    {
        var state = new GrainState<Note>();

        await _store.ClearStateAsync("note", Grain, state);

        Assert.False(state.RecordExists);
    }

    [ContractFact]
    public async Task Writes_AtOnce_AllSucceedOnceEach()
    {
        var states = Enumerable.Range(0, 500).Select(i => new GrainState<Note>(new Note { Numbers = [i] })).ToArray();

        await Task.WhenAll(states.Select((s, i) => _store.WriteStateAsync("note", GrainId.Create("job", $"j_{i}"), s)));

        Assert.Equal(500, states.Select(s => s.ETag).Distinct().Count());
        for (var i = 0; i < 500; i += 50)
        {
            var read = new GrainState<Note>();
            await _store.ReadStateAsync("note", GrainId.Create("job", $"j_{i}"), read);
            Assert.Equal([i], read.State!.Numbers);
        }
    }

    [ContractFact]
    public async Task Writes_AtOnceToOneState_LetExactlyOneWin()
    {
        var first = await WriteAsync(new Note());
        var rivals = Enumerable.Range(0, 20).Select(_ => new GrainState<Note>(new Note(), first.ETag) { RecordExists = true });

        var won = await Task.WhenAll(rivals.Select(async rival =>
        {
            try
            {
                await _store.WriteStateAsync("note", Grain, rival);
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }));

        Assert.Single(won, w => w);
    }

    private async Task<GrainState<Note>> WriteAsync(Note note)
    {
        var state = new GrainState<Note>(note);
        await _store.WriteStateAsync("note", Grain, state);
        return state;
    }

    private async Task<GrainState<Note>> ReadAsync()
    {
        var state = new GrainState<Note>();
        await _store.ReadStateAsync("note", Grain, state);
        return state;
    }

    public sealed class Note
    {
        public string Text { get; set; } = "";

        public List<long> Numbers { get; set; } = [];

        public DateTimeOffset? At { get; set; }
    }
}
