using System.Security.Cryptography;

namespace Orleans.Embedded;

/// <summary>The first frames of a connection: the client says who it is, the silo says which grains there are, or why not.</summary>
internal static class Handshake {
    /// <summary>The largest frame from somebody who has not shown the token, in bytes.</summary>
    public const int HelloSizeMax = 1024;

    // Both ends mostly come from one release, so there is one version of the protocol and no negotiation.
    private const string Protocol = "PiGrid gateway 1";

    private static readonly Codec Choices = Codecs.Exact(typeof((string, string, GrainType)[]));

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static WireWriter Hello(string token, string clientId) {
        var frame = new WireWriter();
        foreach (var part in new[] { Protocol, token, clientId }) { frame.Text(part); }
        return frame;
    }

    public static (string? ClientId, string? Refusal) ReadHello(WireReader reader, string token) {
        var protocol = reader.Text();
        if (protocol != Protocol) {
            return (null, $"the silo speaks \"{Protocol}\" and the client \"{protocol}\": use the same release on both sides.");
        }
        var fits = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(reader.Text()), Encoding.UTF8.GetBytes(token));
        return fits && Guid.TryParseExact(reader.Text(), "N", out var client)
            ? (client.ToString("N"), null) : (null, "the token is not this silo's: read it again from the data folder.");
    }

    /// <summary>The silo's answer: why the client is refused, or its grain types.</summary>
    public static WireWriter Welcome(string? refusal, FrozenDictionary<string, (string Class, GrainType Type)[]> types) {
        var frame = new WireWriter();
        frame.Text(refusal ?? "");
        var choices = refusal is null ? types.SelectMany(entry => entry.Value.Select(c => (entry.Key, c.Class, c.Type))).ToArray() : [];
        Choices.Write(frame, choices);
        return frame;
    }

    /// <exception cref="ConnectionFailedException">The silo refused the client.</exception>
    public static FrozenDictionary<string, (string Class, GrainType Type)[]> ReadWelcome(WireReader reader) =>
        reader.Text() is { Length: > 0 } refusal ? throw new ConnectionFailedException($"The silo refused the connection: {refusal}")
            : (((string Interface, string Class, GrainType Type)[])Choices.Read(ref reader)!).GroupBy(choice => choice.Interface)
                .ToFrozenDictionary(group => group.Key, group => group.Select(choice => (choice.Class, choice.Type)).ToArray());
}
