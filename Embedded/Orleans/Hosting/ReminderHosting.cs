namespace Orleans.Hosting;

/// <summary>Registers reminders; an <see cref="IReminderTable"/> keeps them.</summary>
public static class SiloBuilderReminderExtensions
{
    public static ISiloBuilder AddReminders(this ISiloBuilder builder) =>
        builder.ConfigureServices(services => services.AddReminders());

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
    public static ISiloBuilder UseInMemoryReminderService(this ISiloBuilder builder)
    {
        builder.Services.TryAddSingleton<IReminderTable, MemoryReminderTable>();
        return builder.AddReminders();
    }
}
