using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PiGrid;

/// <summary>
/// Money: a whole number of micro-units (one credit is 1,000,000). Never a floating-point number, so that a ledger adds up;
/// arithmetic that would overflow throws <see cref="OverflowException"/>.
/// </summary>
/// <param name="Micros">Micro-units; negative for what is owed.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.Amount")]
[JsonConverter(typeof(AmountJsonConverter))]
public readonly record struct Amount([property: Id(0)] long Micros) : IComparable<Amount>
{
    /// <summary>Nothing.</summary>
    public static Amount Zero => default;

    /// <summary>A whole number of credits.</summary>
    public static Amount FromCredits(long credits) => new(checked(credits * 1_000_000));

    /// <summary>The sum of both.</summary>
    public static Amount operator +(Amount left, Amount right) => new(checked(left.Micros + right.Micros));

    /// <summary>The first less the second.</summary>
    public static Amount operator -(Amount left, Amount right) => new(checked(left.Micros - right.Micros));

    /// <summary>That many times the amount.</summary>
    public static Amount operator *(Amount amount, long times) => new(checked(amount.Micros * times));

    /// <summary>Whether the first is less.</summary>
    public static bool operator <(Amount left, Amount right) => left.Micros < right.Micros;

    /// <summary>Whether the first is more.</summary>
    public static bool operator >(Amount left, Amount right) => left.Micros > right.Micros;

    /// <summary>Whether the first is not more.</summary>
    public static bool operator <=(Amount left, Amount right) => left.Micros <= right.Micros;

    /// <summary>Whether the first is not less.</summary>
    public static bool operator >=(Amount left, Amount right) => left.Micros >= right.Micros;

    /// <inheritdoc/>
    public int CompareTo(Amount other) => Micros.CompareTo(other.Micros);

    /// <summary>Credits with six decimals, such as <c>1.250000</c>.</summary>
    public override string ToString() => (Micros / 1_000_000m).ToString("F6", CultureInfo.InvariantCulture);
}

/// <summary>An amount in JSON is its micro-units as a whole number.</summary>
public sealed class AmountJsonConverter : JsonConverter<Amount>
{
    /// <inheritdoc/>
    public override Amount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt64());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Amount value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Micros);
}
