using System.CommandLine;
using System.Globalization;

namespace PiGrid.Client.Cli;

/// <summary>Arguments and options of the grid's own types; a malformed one is a usage error in the type's own words.</summary>
internal static class Parsing
{
    /// <summary>A required argument that is an id.</summary>
    public static Argument<TId> Id<TId>(string name, string description)
        where TId : struct, ITextId<TId> => new(name)
        {
            Description = description,
            CustomParser = result =>
            {
                try
                {
                    return TId.Parse(result.Tokens.Single().Value, CultureInfo.InvariantCulture);
                }
                catch (FormatException e)
                {
                    result.AddError(e.Message);
                    return default;
                }
            },
        };

    /// <summary>An optional id.</summary>
    public static Option<TId?> OptionalId<TId>(string name, string description, bool required = false)
        where TId : struct, ITextId<TId> => new(name)
        {
            Description = description,
            Required = required,
            CustomParser = result =>
            {
                try
                {
                    return TId.Parse(result.Tokens.Single().Value, CultureInfo.InvariantCulture);
                }
                catch (FormatException e)
                {
                    result.AddError($"{name}: {e.Message}");
                    return null;
                }
            },
        };

    /// <summary>Makes shells offer the members of an enum as the grid writes them.</summary>
    public static Option<T> OfferingWordsOf<T, TEnum>(this Option<T> option)
        where TEnum : struct, Enum
    {
        option.CompletionSources.Clear();
        option.CompletionSources.Add([.. Enum.GetValues<TEnum>().Select(Tables.Word)]);
        return option;
    }

    /// <summary>A whole number within a range.</summary>
    public static Option<int> Number(string name, string description, int preset, int min, int max)
    {
        var option = new Option<int>(name) { Description = $"{description} ({min} to {max}; {preset} by default)", DefaultValueFactory = _ => preset };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1
                && (!int.TryParse(result.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) || n < min || n > max))
            {
                result.AddError($"{name} is to be a whole number from {min} to {max}, not '{result.Tokens[0].Value}'.");
            }
        });
        return option;
    }

    /// <summary>A deadline: an instant in ISO 8601, or a time from now such as <c>90s</c>, <c>15m</c>, <c>2h</c>, <c>3d</c>.</summary>
    /// <exception cref="UsageException">It is neither.</exception>
    public static DateTimeOffset Deadline(string text, DateTimeOffset now)
    {
        var unit = text is { Length: > 1 } ? text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        }
            : TimeSpan.Zero;
        if (unit > TimeSpan.Zero && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= 100_000)
        {
            return now + (unit * count);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : throw new UsageException($"--deadline '{text}' is neither an instant such as 2027-01-31T12:00:00Z nor a time from now such as 90s, 15m, 2h or 3d.");
    }
}
