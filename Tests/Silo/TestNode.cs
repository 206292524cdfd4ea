using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PiGrid.Protocol;

namespace PiGrid.Tests.Silo;

/// <summary>The protocol as an agent speaks it, message by message, so that a test can say each of them wrongly.</summary>
public sealed class TestNode : IAsyncDisposable
{
    private readonly Uri _url;
    private readonly List<ClientWebSocket> _sockets = [];

    public TestNode(TestSilo silo, ECDsa? key = null)
    {
        _url = silo.Url;
        Key = key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
    }

    public ECDsa Key { get; }

    public byte[] PublicKey => Key.ExportSubjectPublicKeyInfo();

    public NodeId Id => Signatures.NodeIdOf(PublicKey);

    public static NodeProfile Profile { get; } = new()
    {
        AgentVersion = "0.1.0",
        Os = "linux",
        Architecture = "x64",
        HardwareClass = "x64-test-cpu",
        Cores = 2,
        MemoryMib = 2048,
        Slots = 1,
        Providers = [new("cpu", Usable: true, null)],
        Library = "test 1",
        Speed = 1,
    };

    public static NodeHeartbeat Heartbeat { get; } = new() { FreeSlots = 1, CachedModels = new List<Sha256>() };

    /// <summary>What this one says of itself.</summary>
    public NodeProfile Self { get; init; } = Profile;

    /// <summary>A node that is enrolled as an owner of its own.</summary>
    public static async Task<TestNode> EnrolledAsync(TestSilo silo)
    {
        var node = new TestNode(silo);
        await node.EnrolAsync(silo.Bootstrap.EnrolmentToken!);
        return node;
    }

    public EnrolRequest EnrolRequest(string token, string? owner = null) => new()
    {
        Token = token,
        PublicKey = PublicKey,
        Owner = owner,
        Signature = Signatures.Sign(Key, NodeProtocol.EnrolBytes(token)),
    };

    public async Task<HttpResponseMessage> PostEnrolAsync(EnrolRequest request)
    {
        using var http = new HttpClient { BaseAddress = _url };
        return await http.PostAsJsonAsync("/node/enrol", request, GridJson.Wire);
    }

    public async Task<EnrolResponse> EnrolAsync(string token, string? owner = null)
    {
        using var response = await PostEnrolAsync(EnrolRequest(token, owner));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<EnrolResponse>(GridJson.Wire))!;
    }

    /// <summary>A socket on which nothing has been said.</summary>
    public async Task<ClientWebSocket> OpenAsync()
    {
        var socket = new ClientWebSocket();
        _sockets.Add(socket);
        await socket.ConnectAsync(new UriBuilder(_url) { Scheme = "ws", Path = "/node/session" }.Uri, Limit());
        return socket;
    }

    /// <summary>A socket on which hello is said; the silo's challenge.</summary>
    public async Task<(ClientWebSocket Socket, ChallengeMessage Challenge)> HelloAsync()
    {
        var socket = await OpenAsync();
        await SendAsync(socket, new HelloMessage(Id, new List<int> { NodeProtocol.Version }));
        return (socket, Assert.IsType<ChallengeMessage>(await ReceiveAsync(socket)));
    }

    /// <summary>An open session.</summary>
    public async Task<(ClientWebSocket Socket, WelcomeMessage Welcome)> ConnectAsync()
    {
        var (socket, challenge) = await HelloAsync();
        await SendAsync(socket, Prove(challenge));
        return (socket, Assert.IsType<WelcomeMessage>(await ReceiveAsync(socket)));
    }

    public ProveMessage Prove(ChallengeMessage challenge, ECDsa? key = null) => new()
    {
        Signature = Signatures.Sign(key ?? Key, CanonicalJson.Serialize(new ProofStatement
        {
            Type = ProofStatement.TypeV1,
            GridKey = challenge.GridKey,
            Nonce = challenge.Nonce,
            Node = Id,
            Version = challenge.Version,
        })),
        Profile = Self,
        Heartbeat = Heartbeat,
    };

    public static Task SendAsync(ClientWebSocket socket, AgentMessage message) =>
        SendAsync(socket, JsonSerializer.SerializeToUtf8Bytes(message, GridJson.Wire));

    public static Task SendTextAsync(ClientWebSocket socket, string text) => SendAsync(socket, Encoding.UTF8.GetBytes(text));

    public static Task SendAsync(ClientWebSocket socket, byte[] frame, WebSocketMessageType type = WebSocketMessageType.Text) =>
        socket.SendAsync(frame, type, endOfMessage: true, Limit());

    /// <summary>The next message; null when the silo closes.</summary>
    public static async Task<NodeMessage?> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[NodeProtocol.FrameBytesMax];
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), Limit());
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            if (part.EndOfMessage)
            {
                return JsonSerializer.Deserialize<NodeMessage>(buffer.AsSpan(0, length), GridJson.Wire);
            }
        }
    }

    /// <summary>The error that comes next.</summary>
    public static async Task<ErrorMessage> ReceiveErrorAsync(ClientWebSocket socket) => Assert.IsType<ErrorMessage>(await ReceiveAsync(socket));

    public ValueTask DisposeAsync()
    {
        _sockets.ForEach(s => s.Dispose());
        Key.Dispose();
        return ValueTask.CompletedTask;
    }

    // A bound on a test that would otherwise hang; no test waits for it.
    private static CancellationToken Limit() => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;
}
