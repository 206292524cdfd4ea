using System.Security.Cryptography;

namespace Orleans.Embedded;

/// <summary>The first frames of a connection: the client says who it is, the silo says which grains there are, or why not.</summary>
internal static class Handshake
{
    /// <summary>The one version of the protocol. Both ends come from the same release mostly, so there is no negotiation.</summary>
    public const int Version = 1;

    /// <summary>The largest frame from somebody who has not shown the token, in bytes.</summary>
    public const int HelloSizeMax = 1024;

    private const string Magic = "PiGrid gateway";

    /// <summary>How long either side waits for the other.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static WireWriter Hello(string token, string clientId)
    {
        var frame = new WireWriter();
        frame.Raw(FrameKind.Hello);
        frame.Text(Magic);
        frame.Raw(Version);
        frame.Text(token);
        frame.Text(clientId);
        return frame;
    }

    /// <summary>Reads a hello: the client's id, or why it is refused.</summary>
    public static (string? ClientId, string? Refusal) ReadHello(WireReader reader, string token)
    {
        if (reader.Raw<FrameKind>() != FrameKind.Hello || reader.Text() != Magic)
        {
            return (null, "This is the gateway of a PiGrid silo, for its own clients.");
        }
        var version = reader.Raw<int>();
        if (version != Version)
        {
            return (null, $"The silo speaks gateway version {Version}, the client {version}: use the same release on both sides.");
        }
        var fits = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(reader.Text()), Encoding.UTF8.GetBytes(token));
        return fits && Guid.TryParseExact(reader.Text(), "N", out var client)
            ? (client.ToString("N"), null)
            : (null, "The token is not this silo's: read it again from the data folder.");
    }

    public static WireWriter Refused(string reason)
    {
        var frame = new WireWriter();
        frame.Raw(FrameKind.Refused);
        frame.Text(reason);
        return frame;
    }

    public static WireWriter Welcome(FrozenDictionary<string, GrainTypeChoice> types)
    {
        var frame = new WireWriter();
        frame.Raw(FrameKind.Welcome);
        frame.Count(types.Count);
        foreach (var (name, choice) in types)
        {
            frame.Text(name);
            frame.Count(choice.Candidates.Count);
            foreach (var (className, type) in choice.Candidates)
            {
                frame.Text(className);
                frame.Bytes(type.Value.AsSpan());
            }
        }
        return frame;
    }

    public static FrozenDictionary<string, GrainTypeChoice> ReadWelcome(WireReader reader)
    {
        switch (reader.Raw<FrameKind>())
        {
            case FrameKind.Refused:
                throw new Orleans.Runtime.Messaging.ConnectionFailedException($"The silo refused the connection: {reader.Text()}");
            case FrameKind.Welcome:
                break;
            default:
                throw new SerializerException("The silo did not answer as a PiGrid silo does.");
        }
        var types = new Dictionary<string, GrainTypeChoice>();
        for (var count = reader.Count(); count > 0; count--)
        {
            var name = reader.Text();
            var candidates = new (string, GrainType)[reader.Count()];
            for (var i = 0; i < candidates.Length; i++)
            {
                candidates[i] = (reader.Text(), new GrainType(new IdSpan(reader.Bytes().ToArray())));
            }
            types.Add(name, new GrainTypeChoice(candidates));
        }
        return types.ToFrozenDictionary();
    }
}
