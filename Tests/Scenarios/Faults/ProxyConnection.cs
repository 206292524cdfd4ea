using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;

namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>One connection through a <see cref="FaultProxy"/>: two directions, each read ahead and delivered as the weather lets it.</summary>
internal sealed class ProxyConnection(FaultProxy proxy, Socket near, Socket far) : IDisposable
{
    private const int PiecesMax = 64;

    // What belongs to an open session; the handshake is no message that comes twice.
    private static readonly HashSet<string> Repeatable =
        ["heartbeat", "accept", "decline", "progress", "fail", "result", "assign", "cancel", "result_verdict", "config"];

    private readonly CancellationTokenSource _over = new();

    /// <summary>Carries bytes until both directions have ended, or one of the ends broke, or it is cut.</summary>
    public async Task RunAsync()
    {
        var (up, down) = (NewLine(), NewLine());
        await Task.WhenAll(
            GuardAsync(ReadAsync(near, up.Writer)),
            GuardAsync(DeliverAsync(up.Reader, far, up: true)),
            GuardAsync(ReadAsync(far, down.Writer)),
            GuardAsync(DeliverAsync(down.Reader, near, up: false)));
        Cut(abruptly: false);
    }

    /// <summary>Ends it now.</summary>
    /// <param name="abruptly">With a reset instead of an end of the stream.</param>
    public void Cut(bool abruptly)
    {
        try
        {
            _over.Cancel();
            if (abruptly)
            {
                (near.LingerState, far.LingerState) = (new LingerOption(true, 0), new LingerOption(true, 0));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is over already.
        }

        near.Dispose();
        far.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Cut(abruptly: false);
        _over.Dispose();
    }

    private static Channel<(ProxyPiece Piece, long At)> NewLine() => Channel.CreateBounded<(ProxyPiece, long)>(PiecesMax);

    // What breaks one direction breaks the connection, as both ends would see it.
    private async Task GuardAsync(Task part)
    {
        try
        {
            await part;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Cut(abruptly: false);
        }
    }

    private async Task ReadAsync(Socket from, ChannelWriter<(ProxyPiece Piece, long At)> pieces)
    {
        try
        {
            var splitter = new FrameSplitter();
            var buffer = new byte[64 << 10];
            while (await from.ReceiveAsync(buffer, _over.Token) is var count and > 0)
            {
                foreach (var piece in splitter.Feed(buffer.AsMemory(0, count)))
                {
                    await pieces.WriteAsync((piece, Stopwatch.GetTimestamp()), _over.Token);
                }
            }
        }
        finally
        {
            pieces.TryComplete();
        }
    }

    private async Task DeliverAsync(ChannelReader<(ProxyPiece Piece, long At)> pieces, Socket to, bool up)
    {
        await foreach (var (piece, at) in pieces.ReadAllAsync(_over.Token))
        {
            await proxy.UntilPassableAsync(up, _over.Token);
            var weather = proxy.Weather;
            var wait = weather.Delay - Stopwatch.GetElapsedTime(at);
            wait += weather.BytesPerSecond > 0 ? TimeSpan.FromSeconds((double)piece.Bytes.Length / weather.BytesPerSecond) : TimeSpan.Zero;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _over.Token);
            }

            await SendAsync(to, piece.Bytes);
            if (piece.Message is { } message)
            {
                if (weather.Duplicates && Repeatable.Contains(message))
                {
                    await SendAsync(to, piece.Bytes);
                }

                proxy.Passed(message);
            }
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await to.SendAsync(bytes[sent..], _over.Token);
        }
    }
}
