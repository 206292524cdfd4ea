using System.Security.Cryptography;

namespace Orleans.Embedded;

/// <summary>
/// Where a silo's gateway is and the secret that opens it, kept in a file of the data folder that only the user can read: a
/// Unix domain socket in a folder that only the user can enter, or a loopback port where there are no such sockets.
/// </summary>
internal sealed record GatewayAddress(string? SocketPath, int Port, string Token)
{
    // The shortest sun_path among the platforms is 104 bytes with its terminator (macOS).
    private const int SocketPathMax = 103;
    private const UnixFileMode UserOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public override string ToString() => SocketPath ?? $"127.0.0.1:{Port}";

    /// <summary>Opens a listening gateway and says where in the data folder.</summary>
    public static (Socket Listener, GatewayAddress Address) Open(EmbeddedOptions options)
    {
        var token = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        if (!Socket.OSSupportsUnixDomainSockets)
        {
            var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return Listen(options, tcp, new GatewayAddress(null, ((IPEndPoint)tcp.LocalEndPoint!).Port, token));
        }
        var path = options.GatewayPath ?? Path.Combine(Path.GetFullPath(options.DataFolder), "gateway", "silo.sock");
        if (System.Text.Encoding.UTF8.GetByteCount(path) > SocketPathMax)
        {
            path = Path.Combine(Directory.CreateTempSubdirectory("pigrid-").FullName, "silo.sock");
        }
        CreatePrivateFolder(Path.GetDirectoryName(path)!);
        // The data folder's lock is held, so a socket that is there was left behind.
        File.Delete(path);
        var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        unix.Bind(new UnixDomainSocketEndPoint(path));
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(path, UserOnly); }
        return Listen(options, unix, new GatewayAddress(path, 0, token));
    }

    /// <summary>Reads where a silo's gateway is.</summary>
    /// <exception cref="ConnectionFailedException">No silo has opened one.</exception>
    public static GatewayAddress Read(string dataFolder)
    {
        try
        {
            var lines = File.ReadAllLines(FileIn(dataFolder));
            return new GatewayAddress(lines[0] == "" ? null : lines[0], int.Parse(lines[1], CultureInfo.InvariantCulture), lines[2]);
        }
        catch (Exception failure) when (failure is IOException or FormatException or IndexOutOfRangeException)
        {
            throw new ConnectionFailedException(
                $"No silo has a gateway in the data folder {dataFolder}. Start the silo on this folder, or name the folder it runs on.",
                failure);
        }
    }

    public async Task<Stream> ConnectAsync(string dataFolder, CancellationToken cancellationToken)
    {
        var socket = SocketPath is null
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            EndPoint address = SocketPath is null ? new IPEndPoint(IPAddress.Loopback, Port) : new UnixDomainSocketEndPoint(SocketPath);
            await socket.ConnectAsync(address, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new ConnectionFailedException(
                $"The silo of the data folder {dataFolder} does not answer at {this}: it is stopped. Start it and try again.", failure);
        }
    }

    public void Remove(string dataFolder)
    {
        File.Delete(FileIn(dataFolder));
        if (SocketPath is not null) { File.Delete(SocketPath); }
    }

    private static string FileIn(string dataFolder) => Path.Combine(dataFolder, "gateway.address");

    private static (Socket, GatewayAddress) Listen(EmbeddedOptions options, Socket socket, GatewayAddress address)
    {
        socket.Listen(64);
        var mode = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) { mode.UnixCreateMode = UserOnly; }
        var file = FileIn(options.DataFolder);
        File.Delete(file);
        using var writer = new StreamWriter(file, mode);
        writer.Write($"{address.SocketPath}\n{address.Port}\n{address.Token}\n");
        return (socket, address);
    }

    private static void CreatePrivateFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) { Directory.CreateDirectory(folder); }
        else { Directory.CreateDirectory(folder, UserOnly | UnixFileMode.UserExecute); }
    }
}
