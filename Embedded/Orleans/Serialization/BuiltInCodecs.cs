namespace Orleans.Embedded;

/// <summary>Codecs of types that need no attribute.</summary>
internal sealed class BuiltInCodecs : Dictionary<Type, Codec> {
    private static readonly Type[] Raws =
    [
        typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong),
        typeof(Int128), typeof(UInt128), typeof(Half), typeof(float), typeof(double), typeof(char), typeof(Guid), typeof(Unit),
    ];

    private BuiltInCodecs() {
        foreach (var type in Raws) { this[type] = Raw(type); }
        Add((w, v) => w.Bool(v), (ref r) => r.Bool());
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
        Add((w, v) => w.Text(v), (ref r) => r.Text());
        Add<Uri>((w, v) => w.Text(v.OriginalString), (ref r) => new(r.Text(), UriKind.RelativeOrAbsolute));
        Add<Version>((w, v) => w.Text(v.ToString()), (ref r) => new(r.Text()));
        Add<ReadOnlyMemory<byte>>((w, v) => w.Bytes(v.Span), (ref r) => r.Bytes().ToArray());
        Add<byte[]>((w, v) => w.Bytes(v), (ref r) => r.Bytes().ToArray(), v => [.. v]);
        Add<GrainType>((w, v) => w.Bytes(v.Value.AsSpan()), (ref r) => new(new(r.Bytes().ToArray())));
        Add((w, v) => w.Id(v), (ref r) => r.Id());
    }

    public static BuiltInCodecs All { get; } = new();

    /// <summary>The codec of numbers, characters, GUIDs and enums: their bytes, least significant first.</summary>
    public static Codec Raw(Type type) => (Codec)typeof(BuiltInCodecs).GetMethod(nameof(RawOf))!.MakeGenericMethod(type).Invoke(null, [])!;

    public static Codec RawOf<T>() where T : unmanaged => new ValueCodec<T>((w, v) => w.Raw(v), (ref r) => r.Raw<T>());

    private void Add<T>(Action<WireWriter, T> write, ValueCodec<T>.Reading read, Func<T, T>? copy = null) =>
        this[typeof(T)] = new ValueCodec<T>(write, read, copy);
}
