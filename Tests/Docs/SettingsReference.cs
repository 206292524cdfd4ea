using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using PiGrid.Grains.Jobs;
using PiGrid.Silo.Hosting;

namespace PiGrid.Tests.Docs;

/// <summary><c>docs/settings.md</c> as the options themselves say it: every setting with its default, its limits and its doc comment.</summary>
internal static partial class SettingsReference
{
    private const string Head = """
        # Settings of the silo

        Every setting, with its default and its limits. [operations.md](operations.md) says where settings come from; a value outside its limits keeps the silo from
        starting, and all that is wrong is listed at once. Times are `hours:minutes:seconds`, or `days.hours:minutes:seconds`.

        This page is made from the options themselves, and a test fails when it is not what they say:
        `PIGRID_WRITE_DOCS=1 dotnet test --filter SettingsReference` writes it again.

        """;

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space { get; }

    /// <summary>The page.</summary>
    public static string Write()
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var options in Options().OrderBy(SectionOf, StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {SectionOf(options)}\n\n{Comment($"T:{options.FullName}", options)}\n\n");
            page.Append("| setting | default | limits | what |\n|---|---|---|---|\n");
            var defaults = Activator.CreateInstance(options);
            foreach (var setting in options.GetProperties().Where(p => p.CanWrite))
            {
                var value = Show(setting.GetValue(defaults));
                page.Append(CultureInfo.InvariantCulture, $"| `{setting.Name}` | {value} | {Limits(setting)} | {Comment($"P:{options.FullName}.{setting.Name}", options)} |\n");
            }
        }

        return page.ToString();
    }

    private static IEnumerable<Type> Options() =>
        new[] { typeof(SiloOptions), typeof(JobOptions) }.SelectMany(known => known.Assembly.GetTypes()).Where(type => type.GetField("Section") is { IsLiteral: true });

    private static string SectionOf(Type options) => (string)options.GetField("Section")!.GetRawConstantValue()!;

    private static string Show(object? value) => value switch
    {
        null or "" => "",
        bool flag => flag ? "`true`" : "`false`",
        TimeSpan time => $"`{time.ToString("c", CultureInfo.InvariantCulture)}`",
        _ => $"`{Convert.ToString(value, CultureInfo.InvariantCulture)}`",
    };

    private static string Limits(PropertyInfo setting)
    {
        var type = setting.PropertyType;
        var range = setting.GetCustomAttribute<RangeAttribute>() is { } limits ? $"{Show(limits.Minimum)} to {Show(limits.Maximum)}"
            : type.IsEnum ? string.Join(", ", Enum.GetNames(type).Select(name => $"`{name}`"))
            : type == typeof(bool) ? "`true`, `false`"
            : "";
        return setting.IsDefined(typeof(RequiredAttribute)) ? $"{range} required".TrimStart() : range;
    }

    private static string Comment(string member, Type options)
    {
        var file = Path.ChangeExtension(options.Assembly.Location, ".xml");
        var summary = XDocument.Load(file).Descendants("member").Single(m => m.Attribute("name")?.Value == member).Element("summary")!;
        var text = string.Concat(summary.Nodes().Select(Plain));
        return Space.Replace(text, " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string Plain(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => $"`{(see.Attribute("cref") ?? see.Attribute("langword"))!.Value.Split('.')[^1]}`",
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement other => string.Concat(other.Nodes().Select(Plain)),
        _ => "",
    };
}
