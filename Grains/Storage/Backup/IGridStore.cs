namespace PiGrid.Grains.Storage.Backup;

/// <summary>
/// All that a store holds beside blobs, in a form that is the same for every store: what a backup writes and a restore reads, and where the collection
/// of blobs looks for their names.
/// </summary>
public interface IGridStore
{
    /// <summary>Everything as it is now; later writes are not in it, and do not wait for it.</summary>
    /// <exception cref="StorageException">The store cannot be read.</exception>
    Task<IStoreSnapshot> SnapshotAsync(CancellationToken cancellationToken);

    /// <summary>Adds states to a store that is being restored.</summary>
    /// <exception cref="StorageException">The store cannot be written.</exception>
    Task AddAsync(IReadOnlyList<StoredState> states, CancellationToken cancellationToken);

    /// <summary>Adds reminders to a store that is being restored.</summary>
    /// <exception cref="StorageException">The store cannot be written.</exception>
    Task AddAsync(IReadOnlyList<StoredReminder> reminders, CancellationToken cancellationToken);
}

/// <summary>A store at one moment. For one reader.</summary>
public interface IStoreSnapshot : IAsyncDisposable
{
    /// <summary>All states, in pages.</summary>
    /// <exception cref="StorageException">The store cannot be read.</exception>
    IAsyncEnumerable<IReadOnlyList<StoredState>> StatesAsync(CancellationToken cancellationToken);

    /// <summary>All reminders.</summary>
    /// <exception cref="StorageException">The store cannot be read.</exception>
    Task<IReadOnlyList<StoredReminder>> RemindersAsync(CancellationToken cancellationToken);
}

/// <summary>A grain's state as it is stored.</summary>
/// <param name="Grain">The grain.</param>
/// <param name="Name">The state's name.</param>
/// <param name="Etag">Its version.</param>
/// <param name="Format">The number of the payload's format.</param>
/// <param name="Payload">The state: JSON.</param>
public sealed record StoredState(string Grain, string Name, string Etag, int Format, byte[] Payload);

/// <summary>A reminder as it is stored.</summary>
/// <param name="Grain">The grain.</param>
/// <param name="Name">The reminder's name.</param>
/// <param name="Hash">The grain's uniform hash.</param>
/// <param name="StartAt">When it first ticks, in ticks (100 ns since the year 1), UTC.</param>
/// <param name="Period">The time between two ticks, in ticks.</param>
/// <param name="Etag">Its version.</param>
public sealed record StoredReminder(string Grain, string Name, long Hash, long StartAt, long Period, string Etag);
