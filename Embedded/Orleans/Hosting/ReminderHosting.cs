using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Embedded;
using Orleans.Timers;

namespace Orleans.Hosting;

/// <summary>Registers reminders; an <see cref="IReminderTable"/> keeps them.</summary>
public static class SiloBuilderReminderExtensions
{
    /// <summary>Registers the reminder service.</summary>
    public static ISiloBuilder AddReminders(this ISiloBuilder builder) =>
        builder.ConfigureServices(services => services.AddReminders());

    /// <inheritdoc cref="AddReminders(ISiloBuilder)"/>
    public static void AddReminders(this IServiceCollection services)
    {
        if (services.All(service => service.ServiceType != typeof(IReminderRegistry)))
        {
            services.AddSingleton<ReminderService>();
            services.AddSingleton<IReminderRegistry>(provider => provider.GetRequiredService<ReminderService>());
            services.AddSingleton<ISiloPart>(provider => provider.GetRequiredService<ReminderService>());
        }
    }
}

/// <summary>Registers reminders that are forgotten with the process.</summary>
public static class SiloBuilderReminderMemoryExtensions
{
    /// <summary>Registers the reminder service with a table in memory, for tests.</summary>
    public static ISiloBuilder UseInMemoryReminderService(this ISiloBuilder builder)
    {
        builder.Services.TryAddSingleton<IReminderTable, MemoryReminderTable>();
        return builder.AddReminders();
    }
}
