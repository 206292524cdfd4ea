using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace PiGrid.Silo.Hosting;

/// <summary>
/// Binds sections to options and collects everything that is wrong, so that an operator sees all errors of all sections at once, misspelt
/// names included, instead of one at each start.
/// </summary>
internal sealed class Settings(IConfiguration configuration, IServiceCollection services)
{
    // Sections that belong to the platform.
    private static readonly string[] Foreign = ["Logging", "Kestrel"];

    private readonly HashSet<string> _sections = new(Foreign, StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _errors = [];

    /// <summary>All that is wrong so far.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Binds and checks a section, and registers its options.</summary>
    /// <returns>The options; with defaults where a value is wrong.</returns>
    public T Bind<T>(string section)
        where T : class, new()
    {
        _sections.Add(section);
        var options = new T();
        foreach (var setting in configuration.GetSection(section).GetChildren())
        {
            Apply(options, section, setting);
        }

        var found = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), found, validateAllProperties: true);
        _errors.AddRange(found.Select(f => $"{section}:{string.Join(',', f.MemberNames)}: {f.ErrorMessage}"));
        services.AddSingleton(Microsoft.Extensions.Options.Options.Create(options));
        return options;
    }

    /// <summary>Adds an error that is not about one value alone.</summary>
    public void Refuse(string error) => _errors.Add(error);

    /// <summary>Refuses settings of sections that nobody bound, among those named.</summary>
    public void RefuseUnknownSections(IEnumerable<string> keys) => _errors.AddRange(
        from key in keys
        let section = key.Split(':')[0]
        where !_sections.Contains(section)
        select $"{key}: there is no section '{section}'. The sections are {string.Join(", ", _sections.Order())}.");

    private void Apply(object options, string section, IConfigurationSection setting)
    {
        const BindingFlags AnyCase = BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase;
        if (options.GetType().GetProperty(setting.Key, AnyCase) is not { CanWrite: true } property)
        {
            var names = options.GetType().GetProperties().Where(p => p.CanWrite).Select(p => p.Name);
            _errors.Add($"{section}:{setting.Key}: there is no such setting. {section} has {string.Join(", ", names)}.");
            return;
        }

        try
        {
            var converter = TypeDescriptor.GetConverter(property.PropertyType);
            property.SetValue(options, converter.ConvertFromString(null, CultureInfo.InvariantCulture, setting.Value ?? ""));
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException or OverflowException)
        {
            _errors.Add($"{section}:{property.Name}: '{setting.Value}' is not {Describe(property.PropertyType)}.");
        }
    }

    private static string Describe(Type type) => type switch
    {
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(TimeSpan) => "a time such as 00:00:30",
        _ when type.IsEnum => "one of " + string.Join(", ", Enum.GetNames(type)),
        _ when type == typeof(double) => "a number",
        _ => $"a whole number within {type.Name}",
    };
}

/// <summary>Where settings come from.</summary>
internal static class SettingSources
{
    /// <summary>The file beside the program, then the environment, then the command line; the later wins.</summary>
    public static void AddSiloSettings(this IConfigurationBuilder configuration, IEnumerable<KeyValuePair<string, string?>> given) => configuration
        .SetBasePath(AppContext.BaseDirectory)
        .AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
        .AddEnvironmentVariables("PIGRID_")

        // The names that every program with OpenTelemetry goes by.
        .AddInMemoryCollection(OpenTelemetryVariables())
        .AddInMemoryCollection(given);

    private static IEnumerable<KeyValuePair<string, string?>> OpenTelemetryVariables() => Environment.GetEnvironmentVariables()
        .Cast<System.Collections.DictionaryEntry>()
        .Where(variable => variable.Key is string name && name.StartsWith("OTEL_", StringComparison.Ordinal))
        .Select(variable => KeyValuePair.Create((string)variable.Key, variable.Value as string));
}
