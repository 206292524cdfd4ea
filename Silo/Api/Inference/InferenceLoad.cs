using Microsoft.Extensions.Options;

namespace PiGrid.Silo.Api.Inference;

/// <summary>What this silo holds of calls at once: whatever comes beyond its limits is told to come later, before its body is read.</summary>
internal sealed class InferenceLoad(IOptions<ApiOptions> options)
{
    private readonly Lock _lock = new();
    private int _calls;
    private long _bytes;

    /// <summary>Makes room for a call; ends with the result's disposal.</summary>
    /// <param name="bytes">How large its body says that it is; null when it does not.</param>
    /// <exception cref="InferenceException">There is no room.</exception>
    public IDisposable Enter(long? bytes)
    {
        var limits = options.Value;
        var size = Math.Min(bytes ?? limits.InferenceBytesMax, limits.InferenceBytesMax);
        lock (_lock)
        {
            // One is always let in, so that no combination of limits keeps all out.
            if (_calls >= limits.InferenceCallsMax || (_calls > 0 && _bytes + size > limits.InferenceMemoryMax))
            {
                throw new InferenceException(
                    StatusCodes.Status429TooManyRequests, $"This silo has {_calls} calls with {_bytes} bytes of inputs under way, which is its limit: try again in a moment.");
            }

            (_calls, _bytes) = (_calls + 1, _bytes + size);
        }

        return new Room(this, size);
    }

    private void Leave(long size)
    {
        lock (_lock)
        {
            (_calls, _bytes) = (_calls - 1, _bytes - size);
        }
    }

    private sealed class Room(InferenceLoad load, long size) : IDisposable
    {
        public void Dispose() => load.Leave(size);
    }
}
