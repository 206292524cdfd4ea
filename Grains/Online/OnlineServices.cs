using Microsoft.Extensions.DependencyInjection;

namespace PiGrid.Grains.Online;

/// <summary>What online calls need of a silo.</summary>
public static class OnlineServices
{
    /// <summary>Registers it.</summary>
    public static IServiceCollection AddOnlineCalls(this IServiceCollection services) => services.AddSingleton<OnlineKnowledge>().AddSingleton<KeptCalls>();
}
