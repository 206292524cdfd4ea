using System.Reflection;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PiGrid.Grains.Access;
using PiGrid.Grains.Admission;
using PiGrid.Grains.Batches;
using PiGrid.Grains.Jobs;
using PiGrid.Grains.Nodes;
using PiGrid.Grains.Online;
using PiGrid.Grains.Scheduling;
using PiGrid.Grains.Shards.Segments;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Postgres;
using PiGrid.Grains.Time;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Silo.Api;
using PiGrid.Silo.Dashboard;
using PiGrid.Silo.Engine;
using PiGrid.Silo.Gateway;
using PiGrid.Silo.Telemetry;

namespace PiGrid.Silo.Hosting;

/// <summary>Puts a silo together: settings, storage, engine, front doors.</summary>
internal static class SiloHost
{
    // A call's input goes to its node in one piece, instead of in sips of 64 KiB with a change of threads between two.
    private const int WriteBufferMax = 1 << 20;

    /// <summary>PiGrid's version.</summary>
    public static string Version { get; } =
        typeof(SiloHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The engine that this program was built with: <c>Embedded</c> or <c>Orleans</c> with its version.</summary>
    public static string Engine { get; } =
        typeof(SiloHost).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(m => m.Key == "PiGrid.Engine").Value!;

    /// <summary>A silo that is ready to be started. Its settings are valid and its data folder is held.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="configure">Changes services; for tests.</param>
    /// <exception cref="StartFailedException">The settings are invalid (all errors at once) or the data folder cannot be had.</exception>
    /// <exception cref="StorageException">The data folder's contents cannot be used.</exception>
    public static WebApplication Build(IReadOnlyList<string> args, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        var (given, errors) = CommandLine.Parse(args);
        builder.Configuration.AddSiloSettings(given);
        var settings = new Settings(builder.Configuration, builder.Services);
        errors.ForEach(settings.Refuse);
        var (silo, http, postgres, cluster, telemetry) = Bind(settings, builder.Configuration);
        settings.RefuseUnknownSections(given.Keys);
        if (settings.Errors.Count > 0)
        {
            throw new StartFailedException(ExitCode.InvalidSettings, settings.Errors);
        }

        AddLogging(builder);
        builder.AddTelemetry(telemetry);
        AddKestrel(builder, silo, http);
        builder.Services.AddSingleton<TimeProvider>(new SteadyTime(TimeProvider.System)).AddSingleton(new SiloStart(TimeProvider.System.GetUtcNow()));
        builder.Services.AddGridStorage(silo, postgres);
        builder.Services.AddSingleton<CheckedCredentials>().AddOnlineCalls().AddFrontDoors();
        EngineWiring.AddEngine(builder, silo, postgres, cluster);
        builder.Services.AddHostedService<JobRetention>().AddHostedService<DeliveredChecks>().AddHostedService<BatchRetention>();
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        try
        {
            app.Services.OpenGridStorage();
            app.MapFrontDoors();
            return app;
        }
        catch
        {
            ((IDisposable)app).Dispose();
            throw;
        }
    }

    /// <summary>The line that says what runs and where.</summary>
    public static string Describe(WebApplication app) =>
        $"PiGrid silo {Version}, engine {Engine}, listening on {string.Join(" and ", Addresses(app))}, data folder {app.Services.GetRequiredService<DataFolder>().Root}";

    /// <summary>The addresses that a started silo listens on.</summary>
    public static IReadOnlyCollection<string> Addresses(IHost app) =>
        [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];

    private static (SiloOptions Silo, HttpOptions Http, PostgresOptions Postgres, ClusteringOptions Cluster, TelemetryPlan Telemetry) Bind(Settings settings, ConfigurationManager configuration)
    {
        var silo = settings.Bind<SiloOptions>(SiloOptions.Section);
        var http = settings.Bind<HttpOptions>(HttpOptions.Section);
        settings.Bind<StorageOptions>(StorageOptions.Section);
        var postgres = settings.Bind<PostgresOptions>(PostgresOptions.Section);
        var cluster = settings.Bind<ClusteringOptions>(ClusteringOptions.Section);
        settings.Bind<BlobOptions>(BlobOptions.Section);
        settings.Bind<GatewayOptions>(GatewayOptions.Section);
        settings.Bind<ApiOptions>(ApiOptions.Section);
        settings.Bind<AccessOptions>(AccessOptions.Section);
        var telemetry = new TelemetryPlan(settings.Bind<TelemetryOptions>(TelemetryOptions.Section), configuration);
        settings.Bind<JobOptions>(JobOptions.Section);
        settings.Bind<SchedulingOptions>(SchedulingOptions.Section);
        settings.Bind<NodeOptions>(NodeOptions.Section);
        settings.Bind<AdmissionOptions>(AdmissionOptions.Section);
        settings.Bind<TrustOptions>(TrustOptions.Section);
        settings.Bind<OnlineOptions>(OnlineOptions.Section);
        settings.Bind<BatchOptions>(BatchOptions.Section);
        settings.Bind<SegmentCheckOptions>(SegmentCheckOptions.Section);
        settings.Bind<DashboardOptions>(DashboardOptions.Section);
        telemetry.Errors().ToList().ForEach(settings.Refuse);
        var named = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>();
        foreach (var error in AddressRules.Check([.. silo.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries), .. named], silo.Insecure))
        {
            settings.Refuse(error);
        }

        return (silo, http, postgres, cluster, telemetry);
    }

    private static void AddLogging(WebApplicationBuilder builder)
    {
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        // Standard output carries the one line that programs wait for; everything else is for people, on standard error.
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.AddSimpleConsole(line =>
        {
            line.SingleLine = true;
            line.UseUtcTimestamp = true;
            line.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
        // Why a start failed is said once, in one line, at the end of the program.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
    }

    private static void AddKestrel(WebApplicationBuilder builder, SiloOptions silo, HttpOptions http)
    {
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.Configure(builder.Configuration.GetSection("Kestrel"));

            // The one for TLS, the transport's below for plain connections.
            kestrel.Limits.MaxResponseBufferSize = WriteBufferMax;
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = http.ConnectionsMax;
            kestrel.Limits.RequestHeadersTimeout = http.HeadersTimeout;
            kestrel.Limits.KeepAliveTimeout = http.IdleTimeout;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(http.BytesPerSecondMin, http.SlowGrace);
            kestrel.Limits.MinResponseDataRate = new MinDataRate(http.BytesPerSecondMin, http.SlowGrace);
            // Routes that take more say so themselves.
            kestrel.Limits.MaxRequestBodySize = 64 << 10;
        });
        builder.WebHost.UseSockets(sockets => sockets.MaxWriteBufferSize = WriteBufferMax);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, BlockPools>();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseUrls(silo.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries));
        builder.Services.AddRouting();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = silo.ShutdownTimeout);
    }
}
