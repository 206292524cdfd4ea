namespace Orleans.Embedded;

/// <summary>Codecs of types that need no attribute.</summary>
internal sealed class BuiltInCodecs : Dictionary<Type, Codec>
{
    private static readonly Type[] Raws =
    [
        typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong),
        typeof(Int128), typeof(UInt128), typeof(Half), typeof(float), typeof(double), typeof(char), typeof(Guid), typeof(Unit),
    ];

    private BuiltInCodecs()
    {
        foreach (var type in Raws) { this[type] = Codecs.Make(typeof(RawCodec<>), type); }
        Add<bool>((w, v) => w.Bool(v), (ref r) => r.Bool());
        Add<decimal>(
            (w, v) => Array.ForEach(decimal.GetBits(v), w.Raw),
            (ref r) => new decimal([r.Raw<int>(), r.Raw<int>(), r.Raw<int>(), r.Raw<int>()]));
        Add<DateTime>((w, v) => w.Raw(v.ToBinary()), (ref r) => DateTime.FromBinary(r.Raw<long>()));
        Add<TimeSpan>((w, v) => w.Raw(v.Ticks), (ref r) => new(r.Raw<long>()));
        Add<DateTimeOffset>(
            (w, v) => { w.Raw(v.Ticks); w.Raw(v.TotalOffsetMinutes); },
            (ref r) => new(r.Raw<long>(), TimeSpan.FromMinutes(r.Raw<int>())));
        Add<DateOnly>((w, v) => w.Raw(v.DayNumber), (ref r) => DateOnly.FromDayNumber(r.Raw<int>()));
        Add<TimeOnly>((w, v) => w.Raw(v.Ticks), (ref r) => new(r.Raw<long>()));
        Add<string?>((w, v) => w.NullableText(v), (ref r) => r.NullableText());
        Add<Uri?>(
            (w, v) => w.NullableText(v?.OriginalString),
            (ref r) => r.NullableText() is { } text ? new(text, UriKind.RelativeOrAbsolute) : null);
        Add<Version?>((w, v) => w.NullableText(v?.ToString()), (ref r) => r.NullableText() is { } text ? new(text) : null);
        Add<ReadOnlyMemory<byte>>((w, v) => w.Bytes(v.Span), (ref r) => r.Bytes().ToArray());
        Add<byte[]?>(WriteBytes, (ref r) => r.Bool() ? r.Bytes().ToArray() : null, v => v is null or [] ? v : [.. v]);
        Add<IdSpan>((w, v) => w.Bytes(v.AsSpan()), (ref r) => new(r.Bytes().ToArray()));
        Add<GrainType>((w, v) => w.Bytes(v.Value.AsSpan()), (ref r) => new(new(r.Bytes().ToArray())));
        Add<GrainId>((w, v) => w.Id(v), (ref r) => r.Id());
        this[typeof(IAddressable)] = new ReferenceCodec<IAddressable>();
    }

    /// <summary>Types with their codecs.</summary>
    public static BuiltInCodecs All { get; } = new();

    private static void WriteBytes(WireWriter writer, byte[]? value)
    {
        writer.Bool(value is not null);
        if (value is not null) { writer.Bytes(value); }
    }

    private void Add<T>(Action<WireWriter, T> write, ValueCodec<T>.Reading read, Func<T, T>? copy = null) =>
        this[typeof(T)] = new ValueCodec<T>(write, read, copy);
}
