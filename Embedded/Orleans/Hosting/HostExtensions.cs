namespace Microsoft.Extensions.Hosting {
    /// <summary>Puts a silo into a host.</summary>
    public static class OrleansSiloGenericHostExtensions {
        public static IHostApplicationBuilder UseOrleans(
            this IHostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate) {
            configureDelegate(OrleansBuilder.Silo(hostAppBuilder.Services, hostAppBuilder.Configuration));
            return hostAppBuilder;
        }
    }

    /// <summary>Puts a client of a silo in another process into a host.</summary>
    public static class OrleansClientGenericHostExtensions {
        public static IHostApplicationBuilder UseOrleansClient(
            this IHostApplicationBuilder hostAppBuilder, Action<IClientBuilder> configureDelegate) {
            configureDelegate(OrleansBuilder.Client(hostAppBuilder.Services, hostAppBuilder.Configuration));
            return hostAppBuilder;
        }
    }
}

namespace Orleans.Embedded {
    internal sealed record OrleansBuilder(IServiceCollection Services, IConfiguration Configuration) : ISiloBuilder, IClientBuilder {
        public static OrleansBuilder Silo(IServiceCollection services, IConfiguration configuration) {
            if (AddOnce<SiloRuntime, ClientRuntime>(services)) { services.AddHostedService<SiloHostedService>(); }
            return new(services, configuration);
        }

        public static OrleansBuilder Client(IServiceCollection services, IConfiguration configuration) {
            if (AddOnce<ClientRuntime, SiloRuntime>(services)) {
                services.AddHostedService(provider => provider.GetRequiredService<ClientRuntime>());
            }
            return new(services, configuration);
        }

        private static bool AddOnce<TRuntime, TOther>(IServiceCollection services) where TRuntime : GrainRuntime {
            if (services.Any(service => service.ServiceType == typeof(TRuntime))) { return false; }
            if (services.Any(service => service.ServiceType == typeof(TOther))) {
                throw new OrleansConfigurationException(
                    "Do not call both UseOrleansClient and UseOrleans: a silo's host has a client of its own.");
            }
            services.AddLogging().AddOptions().TryAddSingleton(TimeProvider.System);
            services.AddSingleton<TRuntime>();
            services.AddSingleton<IClusterClient>(provider => provider.GetRequiredService<TRuntime>().Factory);
            services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<TRuntime>().Factory);
            return true;
        }
    }
}
