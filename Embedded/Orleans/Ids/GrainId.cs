namespace Orleans.Runtime;

/// <summary>An immutable run of UTF-8 bytes with a hash that is the same on every machine.</summary>
public readonly struct IdSpan(byte[] value) : IEquatable<IdSpan> {
    private readonly int _hash = unchecked((int)StableHash.ComputeHash(value));

    public bool IsDefault => value is null or [];

    public static IdSpan Create(string id) => new(Encoding.UTF8.GetBytes(id));

    public ReadOnlySpan<byte> AsSpan() => value;

    public bool Equals(IdSpan other) => _hash == other._hash && AsSpan().SequenceEqual(other.AsSpan());

    public static bool operator ==(IdSpan left, IdSpan right) => left.Equals(right);

    public static bool operator !=(IdSpan left, IdSpan right) => !left.Equals(right);

    public override bool Equals(object? obj) => obj is IdSpan other && Equals(other);

    public override int GetHashCode() => _hash;

    public uint GetUniformHashCode() => unchecked((uint)_hash);

    public override string ToString() => Encoding.UTF8.GetString(AsSpan());
}

/// <summary>The name of a grain class in ids and storage.</summary>
public readonly record struct GrainType(IdSpan Value) {
    public bool IsDefault => Value.IsDefault;

    public static GrainType Create(string value) => string.IsNullOrWhiteSpace(value)
        ? throw new ArgumentException("A grain type needs a name.", nameof(value)) : new(IdSpan.Create(value));

    public override string ToString() => Value.ToString();
}

/// <summary>A grain's identity: the type of its class and its key. Written "type/key".</summary>
public readonly record struct GrainId(GrainType Type, IdSpan Key) {
    public bool IsDefault => Type.IsDefault && Key.IsDefault;

    public static GrainId Create(string type, string key) => Create(GrainType.Create(type), key);

    public static GrainId Create(GrainType type, string key) => string.IsNullOrWhiteSpace(key)
        ? throw new ArgumentException("A grain id needs a key.", nameof(key)) : new(type, IdSpan.Create(key));

    public static GrainId Create(GrainType type, IdSpan key) => new(type, key);

    public static GrainId Parse(string value, IFormatProvider? provider = null) =>
        TryParse(value, out var id) ? id : throw new ArgumentException($"Unable to parse \"{value}\" as a grain id");

    public static bool TryParse(string? value, out GrainId result) {
        var slash = value?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        result = slash < 0 ? default : new(new(IdSpan.Create(value![..slash])), IdSpan.Create(value[(slash + 1)..]));
        return slash >= 0;
    }

    /// <summary>The place of this id on the ring of reminders: equal on every machine and in every release.</summary>
    public uint GetUniformHashCode() => unchecked(Type.Value.GetUniformHashCode() * 31 + Key.GetUniformHashCode());

    public override string ToString() => $"{Type}/{Key}";
}

/// <summary>Keys that are numbers (upper-case hexadecimal) or GUIDs (32 hexadecimal digits).</summary>
public static class GrainIdKeyExtensions {
    public static IdSpan CreateIntegerKey(long key) => IdSpan.Create(key.ToString("X", CultureInfo.InvariantCulture));

    public static IdSpan CreateGuidKey(Guid key) => IdSpan.Create(key.ToString("N"));

    public static bool TryGetIntegerKey(this GrainId grainId, out long key, out string? keyExt) {
        keyExt = null;
        return long.TryParse(grainId.Key.ToString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out key);
    }

    public static bool TryGetGuidKey(this GrainId grainId, out Guid key, out string? keyExt) {
        keyExt = null;
        return Guid.TryParseExact(grainId.Key.ToString(), "N", out key);
    }
}
