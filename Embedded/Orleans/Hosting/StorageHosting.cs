using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Providers;
using Orleans.Storage;

namespace Orleans.Providers
{
    /// <summary>Names that have a meaning.</summary>
    public static class ProviderConstants
    {
        /// <summary>The store of states that name none.</summary>
        public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";
    }
}

namespace Orleans.Runtime.Hosting
{
    /// <summary>Registers stores.</summary>
    public static class StorageProviderExtensions
    {
        /// <summary>Registers a store under a name; under "Default" also for states that name none.</summary>
        public static IServiceCollection AddGrainStorage<T>(
            this IServiceCollection collection, string name, Func<IServiceProvider, string, T> implementationFactory)
            where T : IGrainStorage
        {
            collection.AddKeyedSingleton<IGrainStorage>(name, (provider, key) => implementationFactory(provider, (string)key!));
            if (string.Equals(name, ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, StringComparison.Ordinal))
            {
                collection.TryAddSingleton(provider => provider.GetRequiredKeyedService<IGrainStorage>(name));
            }
            return collection;
        }
    }
}

namespace Orleans.Hosting
{
    /// <summary>Registers a store in memory, for tests.</summary>
    public static class MemoryGrainStorageSiloBuilderExtensions
    {
        /// <summary>Registers a store that forgets with the process.</summary>
        public static ISiloBuilder AddMemoryGrainStorage(this ISiloBuilder builder, string name)
        {
            Runtime.Hosting.StorageProviderExtensions.AddGrainStorage(
                builder.Services, name, static (_, _) => new Embedded.MemoryStorage());
            return builder;
        }

        /// <summary>Registers a store that forgets with the process as the default one.</summary>
        public static ISiloBuilder AddMemoryGrainStorageAsDefault(this ISiloBuilder builder) =>
            builder.AddMemoryGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME);
    }
}
