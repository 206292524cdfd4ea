namespace Orleans.Embedded;

/// <summary>A grain's stream as its caller sees it. Nothing is called before the first item is asked for.</summary>
internal sealed class GrainStream<T>(GrainMethod method, GrainReference target, object?[] arguments) : IAsyncEnumerable<T> {
    private const int BatchSizeMax = 100;

    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) {
        var own = method.TokenIndex >= 0 ? (CancellationToken)arguments[method.TokenIndex]! : default;
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(own, cancellationToken);
        cancellation.Token.ThrowIfCancellationRequested();
        var parts = target.AsReference<IStreamParts>();
        var id = await (Task<Guid>)method.Start(target, [.. arguments]).Task;
        var state = StreamState.Waiting;
        try {
            while (state != StreamState.Completed) {
                cancellation.Token.ThrowIfCancellationRequested();
                (state, var items) = await parts.Next(id, BatchSizeMax, cancellation.Token);
                if (state == StreamState.Missing) {
                    throw new EnumerationAbortedException(
                        $"Enumeration aborted: {target.GrainId} has no record of this stream, as it was deactivated meanwhile.");
                }
                foreach (var item in (List<T>?)items ?? []) { yield return item; }
            }
        }
        finally {
            if (state is StreamState.Items or StreamState.Waiting) {
                await parts.End(id).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
        }
    }
}
