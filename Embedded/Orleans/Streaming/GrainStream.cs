namespace Orleans.Runtime
{
    /// <summary>How streams of grains are pulled.</summary>
    public static class AsyncEnumerableExtensions
    {
        /// <summary>Limits how many items one pull brings; 100 by default.</summary>
        public static IAsyncEnumerable<T> WithBatchSize<T>(this IAsyncEnumerable<T> self, int maxBatchSize)
        {
            if (self is GrainStream<T> stream) { stream.BatchSizeMax = maxBatchSize; }
            return self;
        }
    }
}

namespace Orleans.Embedded
{
    /// <summary>A grain's stream as its caller sees it. Nothing is called before the first item is asked for.</summary>
    internal sealed class GrainStream<T>(StreamMethod<T> method, GrainReference target, object?[] arguments)
        : IAsyncEnumerable<T>
    {
        private StreamMethod<T> Method { get; } = method;

        private GrainReference Target { get; } = target;

        private object?[] Arguments { get; } = arguments;

        public int BatchSizeMax { get; set; } = 100;

        public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            var own = Method.TokenIndex >= 0 ? (CancellationToken)Arguments[Method.TokenIndex]! : default;
            return new Puller(this, CancellationTokenSource.CreateLinkedTokenSource(own, cancellationToken));
        }

        private sealed class Puller(GrainStream<T> stream, CancellationTokenSource cancellation) : IAsyncEnumerator<T>
        {
            private Guid? _id;
            private List<T> _items = [];
            private int _index = -1;
            private bool _completed;

            public T Current => _items[_index];

            public async ValueTask<bool> MoveNextAsync()
            {
                if (++_index < _items.Count) { return true; }
                while (!_completed)
                {
                    cancellation.Token.ThrowIfCancellationRequested();
                    _id ??= await stream.Method.StartAsync(stream.Target, stream.Arguments);
                    var batch = await stream.Method.NextPart.SendAsync(
                        stream.Target, _id, stream.BatchSizeMax, cancellation.Token);
                    if (batch.State == StreamState.Missing)
                    {
                        _id = null;
                        _completed = true;
                        throw new EnumerationAbortedException(
                            $"Enumeration aborted: {stream.Target.GrainId} has no record of this stream, as it was deactivated meanwhile.");
                    }
                    _completed = batch.State == StreamState.Completed;
                    if (batch.Items is { Count: > 0 } items)
                    {
                        (_items, _index) = (items, 0);
                        return true;
                    }
                }
                return false;
            }

            public async ValueTask DisposeAsync()
            {
                cancellation.Dispose();
                if (_id is { } id && !_completed)
                {
                    _completed = true;
                    await ((Task)stream.Method.EndPart.SendAsync(stream.Target, id)).ConfigureAwait(
                        ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                }
            }
        }
    }
}
