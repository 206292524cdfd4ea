using System.Text.Json;
using System.Text.Json.Serialization;

namespace PiGrid.Verification;

/// <summary>A rectangle in pixels, <c>[x0, y0, x1, y1]</c> in JSON; x to the right, y down.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.Box")]
[JsonConverter(typeof(BoxJsonConverter))]
public readonly record struct Box(
    [property: Id(0)] double X0,
    [property: Id(1)] double Y0,
    [property: Id(2)] double X1,
    [property: Id(3)] double Y1)
{
    /// <summary>The area in square pixels; 0 when the corners are crossed.</summary>
    public double Area => Math.Max(0, X1 - X0) * Math.Max(0, Y1 - Y0);

    /// <summary>Intersection over union with <paramref name="other"/> (the Jaccard index): 0 to 1, 0 when both are empty.</summary>
    public double IntersectionOverUnion(Box other)
    {
        var shared = new Box(Math.Max(X0, other.X0), Math.Max(Y0, other.Y0), Math.Min(X1, other.X1), Math.Min(Y1, other.Y1)).Area;
        var union = Area + other.Area - shared;
        return union > 0 ? shared / union : 0;
    }
}

/// <summary>Reads and writes a box as an array of four numbers.</summary>
public sealed class BoxJsonConverter : JsonConverter<Box>
{
    /// <inheritdoc/>
    public override Box Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var corners = JsonSerializer.Deserialize<double[]>(ref reader, options);
        return corners is [var x0, var y0, var x1, var y1]
            ? new(x0, y0, x1, y1)
            : throw new JsonException("A box is an array of four numbers: x0, y0, x1, y1.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Box value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(value.X0);
        writer.WriteNumberValue(value.Y0);
        writer.WriteNumberValue(value.X1);
        writer.WriteNumberValue(value.Y1);
        writer.WriteEndArray();
    }
}
