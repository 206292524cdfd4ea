namespace Orleans.Embedded;

/// <summary>Makes references for one runtime.</summary>
internal sealed class GrainFactory(GrainRuntime runtime) : IClusterClient {
    public IServiceProvider ServiceProvider => runtime.Services;

    public T GetGrain<T>(Guid primaryKey, string? grainClassNamePrefix = null) where T : IGrainWithGuidKey =>
        (T)(IAddressable)Get(typeof(T), GrainIdKeyExtensions.CreateGuidKey(primaryKey), grainClassNamePrefix);

    public T GetGrain<T>(long primaryKey, string? grainClassNamePrefix = null) where T : IGrainWithIntegerKey =>
        (T)(IAddressable)Get(typeof(T), GrainIdKeyExtensions.CreateIntegerKey(primaryKey), grainClassNamePrefix);

    public T GetGrain<T>(string primaryKey, string? grainClassNamePrefix = null) where T : IGrainWithStringKey =>
        (T)(IAddressable)Get(typeof(T), TextKey(primaryKey), grainClassNamePrefix);

    public T GetGrain<T>(GrainId grainId) where T : IAddressable =>
        (T)(IAddressable)GrainInterface.Get(typeof(T)).Reference(runtime, grainId);

    public T CreateObjectReference<T>(IGrainObserver obj) where T : IGrainObserver => (T)runtime.Observers.Register(typeof(T), obj);

    public void DeleteObjectReference<T>(IGrainObserver obj) where T : IGrainObserver => runtime.Observers.Remove(obj);

    private static IdSpan TextKey(string key) => string.IsNullOrWhiteSpace(key)
        ? throw new ArgumentException("A grain key must not be empty.", nameof(key)) : IdSpan.Create(key);

    private GrainReference Get(Type type, IdSpan key, string? prefix = null) {
        var found = GrainInterface.Get(type);
        var fitting = runtime.GrainTypes.GetValueOrDefault(found.Name, [])
            .Where(choice => prefix is null || choice.Class.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
        return fitting.Length == 1 ? found.Reference(runtime, new(fitting[0].Type, key)) : throw new ArgumentException(
            fitting.Length == 0 ? $"Could not find an implementation for interface {found.Name} {prefix}"
                : $"Interface {found.Name} is implemented by {string.Join(", ", fitting)}: name one class by its prefix.");
    }
}
