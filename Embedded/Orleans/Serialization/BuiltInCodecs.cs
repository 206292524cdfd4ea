namespace Orleans.Embedded;

/// <summary>Codecs of types that need no attribute.</summary>
internal sealed class BuiltInCodecs : Dictionary<Type, Codec>
{
    private BuiltInCodecs()
    {
        AddNumbers();
        AddTimes();
        AddTexts();
        AddIds();
    }

    /// <summary>Types with their codecs.</summary>
    public static BuiltInCodecs All { get; } = new();

    private void AddNumbers()
    {
        Raw<byte>();
        Raw<sbyte>();
        Raw<short>();
        Raw<ushort>();
        Raw<int>();
        Raw<uint>();
        Raw<long>();
        Raw<ulong>();
        Raw<Int128>();
        Raw<UInt128>();
        Raw<Half>();
        Raw<float>();
        Raw<double>();
        Raw<char>();
        Raw<Guid>();
        Raw<Unit>();
        Value(static (writer, value) => writer.Bool(value), static (ref reader) => reader.Bool());
        Value(
            static (writer, value) => Array.ForEach(decimal.GetBits(value), writer.Raw),
            static (ref reader) => Valid(
                (reader.Raw<int>(), reader.Raw<int>(), reader.Raw<int>(), reader.Raw<int>()),
                bits => new decimal([bits.Item1, bits.Item2, bits.Item3, bits.Item4])));
    }

    private void AddTimes()
    {
        Value(
            static (writer, value) => writer.Raw(value.ToBinary()),
            static (ref reader) => Valid(reader.Raw<long>(), DateTime.FromBinary));
        Value(static (writer, value) => writer.Raw(value.Ticks), static (ref reader) => new TimeSpan(reader.Raw<long>()));
        Value(
            static (writer, value) =>
            {
                writer.Raw(value.Ticks);
                writer.Raw((short)value.TotalOffsetMinutes);
            },
            static (ref reader) => Valid(
                (Ticks: reader.Raw<long>(), Minutes: reader.Raw<short>()),
                parts => new DateTimeOffset(parts.Ticks, TimeSpan.FromMinutes(parts.Minutes))));
        Value(
            static (writer, value) => writer.Raw(value.DayNumber),
            static (ref reader) => Valid(reader.Raw<int>(), DateOnly.FromDayNumber));
        Value(
            static (writer, value) => writer.Raw(value.Ticks),
            static (ref reader) => Valid(reader.Raw<long>(), ticks => new TimeOnly(ticks)));
    }

    private void AddTexts()
    {
        Value<string?>(static (writer, value) => writer.NullableText(value), static (ref reader) => reader.NullableText());
        Value<Uri?>(
            static (writer, value) => writer.NullableText(value?.OriginalString),
            static (ref reader) => reader.NullableText() is { } text ? Valid(text, t => new Uri(t, UriKind.RelativeOrAbsolute)) : null);
        Value<Version?>(
            static (writer, value) => writer.NullableText(value?.ToString()),
            static (ref reader) => reader.NullableText() is { } text ? Valid(text, Version.Parse) : null);
        Value<ReadOnlyMemory<byte>>(
            static (writer, value) => writer.Bytes(value.Span),
            static (ref reader) => reader.Bytes().ToArray());
        this[typeof(byte[])] = new ByteArrayCodec();
        this[typeof(object)] = new PlainObjectCodec();
    }

    private void AddIds()
    {
        Value(
            static (writer, value) => writer.Bytes(value.AsSpan()),
            static (ref reader) => new IdSpan(reader.Bytes().ToArray()));
        Value(
            static (writer, value) => writer.Bytes(value.Value.AsSpan()),
            static (ref reader) => new GrainType(new IdSpan(reader.Bytes().ToArray())));
        Value(static (writer, value) => writer.Id(value), static (ref reader) => reader.Id());
        this[typeof(IAddressable)] = new ReferenceCodec<IAddressable>();
    }

    private void Raw<T>() where T : unmanaged => this[typeof(T)] = new RawCodec<T>();

    private void Value<T>(Action<WireWriter, T> write, ValueCodec<T>.Reading read) =>
        this[typeof(T)] = new ValueCodec<T>(write, read);

    private static TResult Valid<T, TResult>(T parts, Func<T, TResult> make)
    {
        try { return make(parts); }
        catch (Exception failure) when (failure is ArgumentException or OverflowException or FormatException)
        {
            throw new SerializerException($"There is no {typeof(TResult).Name} of {parts}.", failure);
        }
    }

    private sealed class ByteArrayCodec : Codec<byte[]?>
    {
        public override byte[]? Copy(byte[]? value, int depth) => value is null or [] ? value : (byte[])value.Clone();

        public override void Write(WireWriter writer, byte[]? value)
        {
            writer.Bool(value is not null);
            if (value is not null) { writer.Bytes(value); }
        }

        public override byte[]? Read(ref WireReader reader) => reader.Bool() ? reader.Bytes().ToArray() : null;
    }

    /// <summary>A bare <see cref="object"/>, which carries nothing but its existence.</summary>
    private sealed class PlainObjectCodec : Codec<object?>
    {
        public override object? Copy(object? value, int depth) => value is null ? null : new object();

        public override void Write(WireWriter writer, object? value) => writer.Bool(value is not null);

        public override object? Read(ref WireReader reader) => reader.Bool() ? new object() : null;
    }
}
