namespace Orleans.Runtime
{
    public static class AsyncEnumerableExtensions
    {
        /// <summary>Limits how many items one pull of a grain's stream brings; 100 by default.</summary>
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
    internal sealed class GrainStream<T>(StreamMethod<T> method, GrainReference target, object?[] arguments) : IAsyncEnumerable<T>
    {
        public int BatchSizeMax { get; set; } = 100;

        public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            var own = method.TokenIndex >= 0 ? (CancellationToken)arguments[method.TokenIndex]! : default;
            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(own, cancellationToken);
            cancellation.Token.ThrowIfCancellationRequested();
            var parts = target.AsReference<IStreamParts>();
            var id = await method.StartAsync(target, arguments);
            var state = StreamState.Waiting;
            try
            {
                while (state != StreamState.Completed)
                {
                    cancellation.Token.ThrowIfCancellationRequested();
                    (state, var items) = await parts.Next(id, BatchSizeMax, cancellation.Token);
                    if (state == StreamState.Missing)
                    {
                        throw new EnumerationAbortedException(
                            $"Enumeration aborted: {target.GrainId} has no record of this stream, as it was deactivated meanwhile.");
                    }
                    foreach (var item in (List<T>?)items ?? []) { yield return item; }
                }
            }
            finally
            {
                if (state is StreamState.Items or StreamState.Waiting)
                {
                    await parts.End(id).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                }
            }
        }
    }
}
