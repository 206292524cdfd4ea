using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PiGrid.Models;

/// <summary>Collects what is wrong with a document, field by field.</summary>
internal sealed class FieldErrors
{
    private readonly List<FieldError> _errors = [];

    public IReadOnlyList<FieldError> All => _errors;

    public void Add(string field, string code, string message) => _errors.Add(new(field, code, message));

    /// <summary>A field that must be there.</summary>
    public bool Present([NotNullWhen(true)] object? value, string field, string message)
    {
        if (value is null)
        {
            Add(field, "missing", message);
        }

        return value is not null;
    }

    /// <summary>A field that has no meaning here.</summary>
    public void Absent(object? value, string field, string message)
    {
        if (value is not null)
        {
            Add(field, "unexpected", message);
        }
    }

    /// <summary>A whole number within a range, both ends included.</summary>
    public void Range(long value, long min, long max, string field)
    {
        if (value < min || value > max)
        {
            Add(field, "out_of_range", string.Create(CultureInfo.InvariantCulture, $"{value} is not within {min} to {max}"));
        }
    }

    /// <summary>A number within a range, both ends included; NaN never is.</summary>
    public void Range(double value, double min, double max, string field)
    {
        if (!(value >= min && value <= max))
        {
            Add(field, "out_of_range", string.Create(CultureInfo.InvariantCulture, $"{value} is not within {min} to {max}"));
        }
    }

    /// <summary>A number that is neither NaN nor infinite, nor beyond what a 32-bit float holds.</summary>
    public void Finite(double value, string field)
    {
        if (!float.IsFinite((float)value))
        {
            Add(field, "not_finite", string.Create(CultureInfo.InvariantCulture, $"{value} is no finite 32-bit float"));
        }
    }

    /// <summary>Text of 1 to <paramref name="max"/> characters, not blank, without control characters.</summary>
    public void Text(string? value, int max, string field)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Length > max || value.Any(char.IsControl))
        {
            Add(field, "invalid_text", $"1 to {max} characters without control characters are needed; there are {value?.Length ?? 0}");
        }
    }

    /// <summary>A list's length; false when it is too long to look at.</summary>
    public bool Count(int count, int min, int max, string field, string what)
    {
        if (count < min || count > max)
        {
            Add(field, "count", $"{count} {what} are given; {min} to {max} are allowed");
        }

        return count <= max;
    }

    /// <summary>A member of an enumeration.</summary>
    public void Known<T>(T value, string field)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            Add(field, "unknown_value", $"{value} is not known");
        }
    }
}
