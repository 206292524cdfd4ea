using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Embedded;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace PiGrid.Tests.Engine;

/// <summary>What only the embedded engine has: its data folder and its gateway.</summary>
public sealed class EmbeddedSiloTests
{
    [Fact]
    public async Task Silo_WhenAnotherHoldsTheDataFolder_IsRefusedNamingFolderAndProcess()
    {
        await using var first = await TestHost.StartAsync();
        var failure = await Assert.ThrowsAsync<OrleansConfigurationException>(() => TestHost.StartAsync(dataFolder: first.DataFolder));
        Assert.Contains(first.DataFolder, failure.Message, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId}", failure.Message, StringComparison.Ordinal);
        Assert.Equal("k", await first.Client.GetGrain<IEchoGrain>("k").Key());
    }

    [Fact]
    public async Task Gateway_OnUnix_IsOpenToTheUserAlone()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        await using var host = await TestHost.StartAsync();
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        foreach (var path in new[] { "gateway", "gateway/silo.sock", "gateway.address" })
        {
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.Combine(host.DataFolder, path)) & Others);
        }
    }

    [Fact]
    public async Task Gateway_WhenTheDataFoldersPathIsTooLongForASocket_OpensElsewhere()
    {
        var deep = Path.Combine(Directory.CreateTempSubdirectory("pigrid-test-").FullName, new string('d', 100));
        await using var host = await TestHost.StartAsync(dataFolder: deep);
        Assert.Equal("k", await (await host.ConnectAsync()).GetGrain<IEchoGrain>("k").Key());
    }

    [Fact]
    public async Task Client_WhenNoSiloRuns_SaysSoAndNamesTheFolder()
    {
        var folder = Directory.CreateTempSubdirectory("pigrid-test-").FullName;
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(() => TestHost.ConnectAsync(folder));
        Assert.Contains(folder, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_WhenTheSiloRestarts_FailsMeanwhileAndConnectsAgain()
    {
        var folder = Directory.CreateTempSubdirectory("pigrid-test-").FullName;
        var first = await TestHost.StartAsync(dataFolder: folder);
        using var host = await TestHost.ConnectAsync(folder);
        var client = host.Services.GetRequiredService<IClusterClient>();
        var grain = client.GetGrain<ITurnGrain>("a", "PiGrid.Tests.Engine.TurnGrain");
        var gate = Gates.Fresh();
        var holding = grain.Hold(gate);
        await Gates.Pass(gate + "in");
        var stopping = first.StopAsync();
        await Assert.ThrowsAsync<SiloUnavailableException>(() => holding);
        Gates.Open(gate);
        await stopping;
        await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.Count());

        await first.DisposeAsync();
        await using var second = await TestHost.StartAsync(dataFolder: folder);
        await WaitUntilAsync(async () => await grain.Count() == 0);
    }

    [Fact]
    public async Task Exception_WhenItsTypeIsUnknownToTheOtherProcess_ArrivesAsAStandIn()
    {
        await using var host = await TestHost.StartAsync();
        var client = await host.ConnectAsync();
        var failure = await Assert.ThrowsAsync<Orleans.Serialization.UnavailableExceptionFallbackException>(
            () => client.GetGrain<IEchoGrain>("k").FailUnknown());
        Assert.Equal("PiGrid.Tests.Engine.PrivateFailureException", failure.ExceptionType);
        Assert.Equal("private", failure.Message);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("\u0005\0\0\0hello")]
    [InlineData("\0\0\0\0")]
    [InlineData("\u00ff\u00ff\u00ff\u00ff")]
    public async Task Gateway_WhenStrangersSendBytes_DropsThemAndServesOn(string bytes)
    {
        await using var host = await TestHost.StartAsync();
        using var socket = Open(host);
        await socket.SendAsync(Encoding.Latin1.GetBytes(bytes));
        await DrainAsync(socket);
        Assert.Equal("k", await (await host.ConnectAsync()).GetGrain<IEchoGrain>("k").Key());
    }

    [Fact]
    public async Task Gateway_WhenTheTokenIsWrong_RefusesWithTheReason()
    {
        await using var host = await TestHost.StartAsync();
        var address = Path.Combine(host.DataFolder, "gateway.address");
        var lines = await File.ReadAllLinesAsync(address);
        lines[2] = new string('0', lines[2].Length);
        await File.WriteAllLinesAsync(address, lines);
        var failure = await Assert.ThrowsAsync<ConnectionFailedException>(() => TestHost.ConnectAsync(host.DataFolder));
        Assert.Contains("token", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>A client that is let in and then sends random frames, some of them nearly right.</summary>
    [Fact]
    public async Task Gateway_WhenAClientSendsGarbageFrames_AnswersOrDropsItWithoutHarm()
    {
        await using var host = await TestHost.StartAsync();
        var token = (await File.ReadAllLinesAsync(Path.Combine(host.DataFolder, "gateway.address")))[2];
        const int Seed = 20261121;
        var random = new Random(Seed);
        for (var round = 0; round < 200; round++)
        {
            using var socket = Open(host);
            using (var hello = Handshake.Hello(token, Guid.NewGuid().ToString("N")))
            {
                await socket.SendAsync(hello.Frame(1024));
            }
            await socket.SendAsync(GarbageCall(random));
            socket.Shutdown(SocketShutdown.Send);
            await DrainAsync(socket);
        }
        Assert.Equal("k", await host.Client.GetGrain<IEchoGrain>("k").Key());
    }

    [Fact]
    public void Embedded_InAll_StaysWithinItsLineBudget()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "PiGrid.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("The checkout was not found.");
        }
        var lines = Directory.EnumerateFiles(Path.Combine(root, "Embedded"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("\\obj\\", StringComparison.Ordinal))
            .Sum(file => File.ReadLines(file).Count(line => !string.IsNullOrWhiteSpace(line)));
        Assert.InRange(lines, 1, 3_500);
    }

    private static byte[] GarbageCall(Random random)
    {
        using var frame = new WireWriter();
        frame.Raw((byte)random.Next(0, 5));
        frame.Raw(random.NextInt64(-2, 5));
        frame.Raw(random.NextInt64(1, 1_000));
        frame.Id(GrainId.Create("echo", "g"));
        frame.Text("PiGrid.Tests.IEchoGrain");
        frame.Text(random.Next(2) == 0 ? "Keep" : "EchoObject");
        frame.Bool(false);
        var noise = new byte[random.Next(0, 40)];
        random.NextBytes(noise);
        foreach (var value in noise)
        {
            // Small numbers look like flags, counts and lengths.
            frame.Raw(random.Next(2) == 0 ? (byte)(value % 4) : value);
        }
        return frame.Frame(1024).ToArray();
    }

    private static Socket Open(TestHost host)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(File.ReadAllLines(Path.Combine(host.DataFolder, "gateway.address"))[0]));
        return socket;
    }

    private static async Task DrainAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, patience.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Dropped, as it should be.
        }
    }

    private static async Task WaitUntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (SiloUnavailableException) when (!patience.IsCancellationRequested)
            {
                await Task.Delay(20, patience.Token);
            }
        }
    }
}
