using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace PiGrid.Client;

/// <summary>Registers a grid with a program's services.</summary>
public static class PiGridServices
{
    /// <summary>
    /// Adds <see cref="GridClient"/>, whose connections the program's <see cref="IHttpClientFactory"/> keeps. Options are checked at the program's start, all
    /// errors at once.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Names the grid and the key.</param>
    /// <returns>The HTTP client's builder, for handlers of the program's own.</returns>
    public static IHttpClientBuilder AddPiGrid(this IServiceCollection services, Action<PiGridOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<PiGridOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PiGridOptions>, Validation>());
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddHttpClient<GridClient>()
            .AddTypedClient((http, provider) =>
            {
                var options = provider.GetRequiredService<IOptionsMonitor<PiGridOptions>>().CurrentValue;
                return new GridClient(http, options.Grid!, options.Key, options.Client, provider.GetRequiredService<TimeProvider>());
            })

            // A redirection would carry the key to whom it was not given to.
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false });
    }

    private sealed class Validation : IValidateOptions<PiGridOptions>
    {
        public ValidateOptionsResult Validate(string? name, PiGridOptions options)
        {
            var errors = new List<string>();
            if (!GridClient.IsAddress(options.Grid))
            {
                errors.Add($"{nameof(PiGridOptions.Grid)} '{options.Grid}' is no address of a grid: expected http://HOST:PORT or https://HOST.");
            }

            if (options.Key is { } key && !(key.Length > 0 && key.All(c => c is > ' ' and < (char)127)))
            {
                errors.Add($"{nameof(PiGridOptions.Key)} is empty or holds characters that no key has: give the key alone, on one line.");
            }

            try
            {
                options.Client.Validate();
            }
            catch (ArgumentException e)
            {
                errors.Add(e.Message);
            }

            return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
        }
    }
}
