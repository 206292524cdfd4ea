using Orleans;
using Orleans.Runtime;
using PiGrid.Batches;
using PiGrid.Grains.Storage;

namespace PiGrid.Grains.Batches;

/// <summary>What is durable of a file.</summary>
[GenerateSerializer, Alias("PiGrid.FileRecord")]
internal sealed record FileRecord
{
    /// <summary>The file; null while there is none.</summary>
    [Id(0)]
    public StoredFile? File { get; init; }
}

/// <summary>Keeps a file's record and its place in the registry.</summary>
internal sealed class FileGrain([PersistentState("file", GridStorage.Name)] IPersistentState<FileRecord> record, TimeProvider time) : Grain, IFileGrain
{
    private IRegistryGrain Registry => GrainFactory.GetGrain<IRegistryGrain>(RegistryLists.KeyOf(RegistryLists.Files, this.GetPrimaryKeyString()));

    public async Task<StoredFile> Create(StoredFile file)
    {
        if (record.State.File is null)
        {
            record.State = new FileRecord { File = file };
            await record.WriteOrStartOverAsync(this);
        }

        // Also when it is there already: the silo may have stopped between the two.
        var stored = record.State.File!;
        await Registry.Put(new RegistryEntry(stored.Id.Value, Open: false, stored.CreatedAt, stored.Requester));
        return stored;
    }

    public Task<StoredFile?> Get() => Task.FromResult(IsExpired ? null : record.State.File);

    public async Task<bool> Delete()
    {
        var was = record.State.File is not null && !IsExpired;
        if (record.RecordExists)
        {
            await record.ClearStateAsync();
            record.State = new FileRecord();
        }

        await Registry.Remove(this.GetPrimaryKeyString());
        DeactivateOnIdle();
        return was;
    }

    public async Task<bool> DeleteIfExpired()
    {
        if (record.State.File is not null && !IsExpired)
        {
            return false;
        }

        await Delete();
        return true;
    }

    private bool IsExpired => record.State.File?.ExpiresAt is { } end && end <= time.GetUtcNow();
}
