namespace Microsoft.Extensions.Hosting;

/// <summary>Puts a client of a silo in another process into a host.</summary>
public static class OrleansClientGenericHostExtensions
{
    public static IHostApplicationBuilder UseOrleansClient(
        this IHostApplicationBuilder hostAppBuilder, Action<IClientBuilder> configureDelegate)
    {
        configureDelegate(AddClient(hostAppBuilder.Services, hostAppBuilder.Configuration));
        return hostAppBuilder;
    }

    public static HostApplicationBuilder UseOrleansClient(
        this HostApplicationBuilder hostAppBuilder, Action<IClientBuilder> configureDelegate)
    {
        configureDelegate(AddClient(hostAppBuilder.Services, hostAppBuilder.Configuration));
        return hostAppBuilder;
    }

    public static IHostBuilder UseOrleansClient(this IHostBuilder hostBuilder, Action<IClientBuilder> configureDelegate) =>
        hostBuilder.UseOrleansClient((_, builder) => configureDelegate(builder));

    public static IHostBuilder UseOrleansClient(
        this IHostBuilder hostBuilder, Action<HostBuilderContext, IClientBuilder> configureDelegate) =>
        hostBuilder.ConfigureServices((context, services) => configureDelegate(context, AddClient(services, context.Configuration)));

    public static IServiceCollection AddOrleansClient(this IServiceCollection services, Action<IClientBuilder> configureDelegate)
    {
        configureDelegate(AddClient(services, new ConfigurationBuilder().Build()));
        return services;
    }

    private static OrleansBuilder AddClient(IServiceCollection services, IConfiguration configuration)
    {
        if (services.Any(service => service.ServiceType == typeof(SiloRuntime)))
        {
            throw new OrleansConfigurationException(
                "Do not call both UseOrleansClient and UseOrleans: a silo's host has a client of its own.");
        }
        if (services.All(service => service.ServiceType != typeof(ClientRuntime)))
        {
            services.AddLogging();
            services.AddOptions();
            services.AddSingleton<ClientRuntime>();
            services.AddSingleton<IClusterClient>(provider => provider.GetRequiredService<ClientRuntime>().Factory);
            services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<ClientRuntime>().Factory);
            services.AddHostedService(provider => provider.GetRequiredService<ClientRuntime>());
        }
        return new OrleansBuilder(services, configuration);
    }
}
