using System.Net.Sockets;
using System.Text;

namespace PiGrid.Tests.Silo;

/// <summary>A bare connection to a silo, for saying too little, too slowly or too much.</summary>
internal sealed class RawSocket : IDisposable
{
    // Bounds a test that would otherwise hang; no test waits for it.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;

    private RawSocket(Socket socket) => _socket = socket;

    public static async Task<RawSocket> ConnectAsync(TestSilo silo)
    {
        // A small window, so that an answer that is not read soon waits at the silo.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096, NoDelay = true };
        await socket.ConnectAsync(silo.Url.Host, silo.Url.Port);
        return new(socket);
    }

    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>Sends the text one byte at a time until the silo has closed the connection.</summary>
    public async Task DripAsync(string text, TimeSpan pause)
    {
        using var timer = new PeriodicTimer(pause);
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            for (var i = 0; await timer.WaitForNextTickAsync(limit.Token); i++)
            {
                await SendAsync(text[i % text.Length].ToString());
            }
        }
        catch (SocketException)
        {
            // Closed, which is what it is for.
        }
    }

    /// <summary>All that the silo says until it closes the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        var said = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await _socket.ReceiveAsync(buffer, limit.Token) is > 0 and var count)
            {
                said.Append(Encoding.ASCII.GetString(buffer, 0, count));
            }
        }
        catch (SocketException)
        {
            // A reset is an end as well.
        }

        return said.ToString();
    }

    /// <summary>Waits, reading nothing, until the silo has reset the connection.</summary>
    public Task<bool> WaitForResetAsync() => Task.Run(() => _socket.Poll(Limit, SelectMode.SelectError));

    public void Dispose() => _socket.Dispose();
}
