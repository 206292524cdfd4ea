using System.Text.Json;
using Orleans.Storage;

namespace PiGrid.Grains.Storage;

/// <summary>
/// The bytes of a grain's state: System.Text.Json, readable under every engine and by people, with the number of its format beside it.
/// A member that a later release adds is left out by this one; a change that this release would misread gets a new number, and is refused here.
/// </summary>
internal static class StateFormat
{
    /// <summary>The format that this release writes, and the newest that it reads.</summary>
    public const int Version = 1;

    // Trees of states are deeper than messages may be.
    private static readonly JsonSerializerOptions Json = new(GridJson.Wire) { MaxDepth = 128 };

    /// <summary>The bytes of a state.</summary>
    public static byte[] Write<T>(T state) => JsonSerializer.SerializeToUtf8Bytes(state, Json);

    /// <summary>A state from its bytes.</summary>
    /// <exception cref="StorageException">The format is newer, or the bytes are not a state; <paramref name="what"/> names it.</exception>
    public static T Read<T>(int format, byte[] payload, string what)
    {
        if (format is < 1 or > Version)
        {
            throw new StorageException(
                $"The {what} was written in format {format} by a newer release; this one reads up to {Version}: run that release, or a newer one.");
        }

        try
        {
            return JsonSerializer.Deserialize<T>(payload, Json)!;
        }
        catch (JsonException e)
        {
            throw new StorageException($"The {what} is not readable as {typeof(T).Name}: {e.Message} Restore the data folder from a backup.", e);
        }
    }

    /// <summary>The state of a grain that has none stored.</summary>
    public static T Blank<T>() => typeof(T).GetConstructor(Type.EmptyTypes) is null ? default! : Activator.CreateInstance<T>();

    /// <summary>Says that a state was written by somebody else since it was read.</summary>
    public static InconsistentStateException Stale(string name, string grain, string? stored, string? known) => new(
        $"State '{name}' of {grain} was written by somebody else since it was read (stored version {stored ?? "none"}, known {known ?? "none"}).",
        stored ?? "none",
        known ?? "none");
}
