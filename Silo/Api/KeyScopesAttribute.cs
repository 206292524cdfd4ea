using System.ComponentModel.DataAnnotations;

namespace PiGrid.Silo.Api;

/// <summary>A text that lists scopes with commas between them.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class KeyScopesAttribute : ValidationAttribute
{
    /// <summary>The scopes that a text lists; null when a word is none.</summary>
    public static IReadOnlyList<KeyScope>? Parse(string text)
    {
        var scopes = new List<KeyScope>();
        foreach (var word in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Enum.TryParse<KeyScope>(word, ignoreCase: true, out var scope) || char.IsAsciiDigit(word[0]))
            {
                return null;
            }

            scopes.Add(scope);
        }

        return scopes;
    }

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is string text && Parse(text) is not null;

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) =>
        $"{name} lists scopes with commas between them: {string.Join(", ", Enum.GetNames<KeyScope>()).ToLowerInvariant()}.";
}
