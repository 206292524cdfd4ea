using System.Security.Cryptography;

namespace Orleans.Embedded;

/// <summary>Where a silo's gateway is and the secret that opens it, kept in a file of the data folder that only the user can read: a
/// Unix domain socket in a folder that only the user can enter, or a loopback port where there are no such sockets.</summary>
internal sealed record GatewayAddress(EndPoint EndPoint, string Token) {
    // The shortest sun_path among the platforms is 104 bytes with its terminator (macOS).
    private const int SocketPathMax = 103;
    private const UnixFileMode UserOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Opens a listening gateway and says where in the data folder.</summary>
    public static (Socket Listener, GatewayAddress Address) Open(EmbeddedOptions options) {
        var path = options.GatewayPath ?? Path.Combine(Path.GetFullPath(options.DataFolder), "gateway", "silo.sock");
        if (Encoding.UTF8.GetByteCount(path) > SocketPathMax) {
            path = Path.Combine(Directory.CreateTempSubdirectory("pigrid-").FullName, "silo.sock");
        }
        EndPoint endPoint = new IPEndPoint(IPAddress.Loopback, 0);
        if (Socket.OSSupportsUnixDomainSockets) {
            MakePrivate(Directory.CreateDirectory(Path.GetDirectoryName(path)!).FullName, UserOnly | UnixFileMode.UserExecute);
            // The data folder's lock is held, so a socket that is there was left behind.
            File.Delete(path);
            endPoint = new UnixDomainSocketEndPoint(path);
        }
        var listener = NewSocket(endPoint);
        listener.Bind(endPoint);
        if (endPoint is UnixDomainSocketEndPoint) { MakePrivate(path, UserOnly); }
        listener.Listen(64);
        var address = new GatewayAddress(listener.LocalEndPoint!, Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));
        var port = (address.EndPoint as IPEndPoint)?.Port ?? 0;
        File.WriteAllText(FileIn(options.DataFolder), "");
        MakePrivate(FileIn(options.DataFolder), UserOnly);
        File.WriteAllText(FileIn(options.DataFolder), $"{(port == 0 ? path : "")}\n{port}\n{address.Token}\n");
        return (listener, address);
    }

    /// <summary>Connects to the gateway of a data folder's silo.</summary>
    /// <exception cref="ConnectionFailedException">No silo runs there.</exception>
    public static async Task<(Stream Stream, string Token)> ConnectAsync(string dataFolder, CancellationToken cancellationToken) {
        Socket? socket = null;
        try {
            var lines = await File.ReadAllLinesAsync(FileIn(dataFolder), cancellationToken);
            EndPoint endPoint = lines[0] != "" ? new UnixDomainSocketEndPoint(lines[0])
                : new IPEndPoint(IPAddress.Loopback, int.Parse(lines[1], CultureInfo.InvariantCulture));
            socket = NewSocket(endPoint);
            await socket.ConnectAsync(endPoint, cancellationToken);
            return (new NetworkStream(socket, ownsSocket: true), lines[2]);
        }
        catch (Exception failure) when (failure is IOException or SocketException or FormatException or IndexOutOfRangeException) {
            socket?.Dispose();
            throw new ConnectionFailedException(
                $"No silo answers at the gateway of the data folder {dataFolder}. Start the silo on this folder, or name the folder that "
                + "it runs on.",
                failure);
        }
    }

    public void Remove(string dataFolder) {
        File.Delete(FileIn(dataFolder));
        if (EndPoint is UnixDomainSocketEndPoint) { File.Delete(EndPoint.ToString()!); }
    }

    private static string FileIn(string dataFolder) => Path.Combine(dataFolder, "gateway.address");

    private static Socket NewSocket(EndPoint endPoint) => new(
        endPoint.AddressFamily, SocketType.Stream, endPoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);

    private static void MakePrivate(string path, UnixFileMode mode) {
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(path, mode); }
    }
}
