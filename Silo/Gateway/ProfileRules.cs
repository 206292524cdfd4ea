namespace PiGrid.Silo.Gateway;

/// <summary>What a node may say of itself. Nothing in a profile is trusted, but it is kept and compared, so it has bounds.</summary>
internal static class ProfileRules
{
    private const int TextMax = 200, ProvidersMax = 16, CategoriesMax = 64, CachedModelsMax = 10_000, LeasesMax = 2_048;

    /// <summary>The first thing that is out of bounds, with its path; null when all is well.</summary>
    /// <param name="profile">What the node says of itself.</param>
    /// <param name="priceMax">The most that it may ask for an hour of one slot.</param>
    public static string? Check(NodeProfile profile, Amount priceMax) => profile switch
    {
        { Slots: < 1 or > 1024 } => "profile.slots is 1 to 1024",
        { CallsAhead: < 0 or > 1024 } => "profile.calls_ahead is 0 to 1024",
        { Cores: < 1 or > 65_536 } => "profile.cores is 1 to 65536",
        { MemoryMib: < 0 } => "profile.memory_mib is not negative",
        { Speed: var speed } when !double.IsFinite(speed) || speed < 0 => "profile.speed is a finite number, not negative",
        { Providers.Count: 0 or > ProvidersMax } => $"profile.providers has 1 to {ProvidersMax} entries",
        { Categories.Count: > CategoriesMax } => $"profile.categories has at most {CategoriesMax} entries",
        { PricePerHour: var price } when price < Amount.Zero || price > priceMax => $"profile.price_per_hour is 0 to {priceMax.Micros} micro-credits for an hour of a slot (Gateway:PriceMax)",
        _ when Texts(profile).Any(t => t is null or { Length: > TextMax }) => $"a text of the profile has more than {TextMax} characters",
        _ => null,
    };

    /// <summary>The first thing that is out of bounds, with its path; null when all is well.</summary>
    public static string? Check(NodeHeartbeat heartbeat) => heartbeat switch
    {
        { FreeSlots: < 0 or > 1024 } => "heartbeat.free_slots is 0 to 1024",
        { Load: var load } when !double.IsFinite(load) || load < 0 => "heartbeat.load is a finite number, not negative",
        { PausedReason.Length: > TextMax } => $"heartbeat.paused_reason has at most {TextMax} characters",
        { CachedModels.Count: > CachedModelsMax } => $"heartbeat.cached_models has at most {CachedModelsMax} entries",
        { Leases.Count: > LeasesMax } => $"heartbeat.leases has at most {LeasesMax} entries",
        { Leases: { } leases } when leases.Any(l => l is null or { Done: < 0 }) => "heartbeat.leases has entries whose 'done' is not negative",
        _ => null,
    };

    private static IEnumerable<string?> Texts(NodeProfile profile) =>
    [
        profile.AgentVersion, profile.Os, profile.Architecture, profile.HardwareClass, profile.Library, profile.Region,
        .. profile.Categories,
        .. profile.Providers.SelectMany(p => new[] { p.Name, p.Reason ?? "" }),
    ];
}
