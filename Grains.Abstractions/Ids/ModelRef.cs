using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace PiGrid;

/// <summary>
/// One version of a model or pipeline, written <c>name@version</c>. Name and version: 1 to 64 letters, digits, '.', '_' or '-',
/// starting with a letter or digit. A published version never changes its bytes.
/// </summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ModelRef")]
[JsonConverter(typeof(TextIdJsonConverter<ModelRef>))]
public readonly record struct ModelRef : ITextId<ModelRef>
{
    private const int PartMax = 64;

    [Id(0)]
    private readonly string? _name;

    [Id(1)]
    private readonly string? _version;

    /// <summary>The version <paramref name="version"/> of the model <paramref name="name"/>.</summary>
    /// <exception cref="FormatException">One of the parts is malformed.</exception>
    public ModelRef(string name, string version)
    {
        if (!IdText.IsName(name, PartMax) || !IdText.IsName(version, PartMax))
        {
            throw IdText.Malformed($"{name}@{version}", "model reference", Form);
        }

        _name = name;
        _version = version;
    }

    private static string Form => "'NAME@VERSION', each 1 to 64 letters, digits, '.', '_' or '-'";

    /// <summary>The model's name.</summary>
    public string Name => _name ?? "";

    /// <summary>The version's label; compared as text.</summary>
    public string Version => _version ?? "";

    /// <inheritdoc/>
    public string Value => $"{Name}@{Version}";

    /// <inheritdoc/>
    public static ModelRef Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw IdText.Malformed(s, "model reference", Form);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ModelRef result)
    {
        result = default;
        var at = s?.IndexOf('@', StringComparison.Ordinal) ?? -1;
        if (at < 0 || !IdText.IsName(s![..at], PartMax) || !IdText.IsName(s[(at + 1)..], PartMax))
        {
            return false;
        }

        result = new(s[..at], s[(at + 1)..]);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
