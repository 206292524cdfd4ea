namespace Orleans.Hosting {
    /// <summary>Configures the silo of a host.</summary>
    public interface ISiloBuilder {
        IServiceCollection Services { get; }
        IConfiguration Configuration { get; }
    }

    /// <summary>Configures the client of a host.</summary>
    public interface IClientBuilder {
        IServiceCollection Services { get; }
        IConfiguration Configuration { get; }
    }

    public static class SiloBuilderExtensions {
        public static ISiloBuilder ConfigureServices(this ISiloBuilder builder, Action<IServiceCollection> configureDelegate) {
            configureDelegate(builder.Services);
            return builder;
        }

        public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, Action<TOptions> configureOptions)
            where TOptions : class => builder.ConfigureServices(services => services.Configure(configureOptions));

        public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, IConfiguration configuration)
            where TOptions : class => builder.ConfigureServices(services => services.Configure<TOptions>(configuration));

        /// <summary>Registers reminders; an <see cref="IReminderTable"/> must be registered to keep them.</summary>
        public static ISiloBuilder AddReminders(this ISiloBuilder builder) => builder.ConfigureServices(services => {
            services.TryAddSingleton<ReminderService>();
            services.TryAddSingleton<IReminderRegistry>(provider => provider.GetRequiredService<ReminderService>());
            services.TryAddEnumerable(ServiceDescriptor.Singleton<ISiloPart, ReminderService>(
                provider => provider.GetRequiredService<ReminderService>()));
        });
    }

    public static class ClientBuilderExtensions {
        public static IClientBuilder Configure<TOptions>(this IClientBuilder builder, Action<TOptions> configureOptions) where TOptions : class {
            builder.Services.Configure(configureOptions);
            return builder;
        }
    }
}

namespace Orleans.Runtime.Hosting {
    public static class StorageProviderExtensions {
        /// <summary>Registers a store under a name; under "Default" also for states that name none.</summary>
        public static IServiceCollection AddGrainStorage<T>(
            this IServiceCollection collection, string name, Func<IServiceProvider, string, T> implementationFactory)
            where T : IGrainStorage {
            collection.AddKeyedSingleton<IGrainStorage>(name, (provider, key) => implementationFactory(provider, (string)key!));
            if (name == Providers.ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME) {
                collection.TryAddSingleton(provider => provider.GetRequiredKeyedService<IGrainStorage>(name));
            }
            return collection;
        }
    }
}

namespace Orleans.Providers {
    public static class ProviderConstants {
        public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";
    }
}
