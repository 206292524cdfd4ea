using Orleans.Runtime;

namespace PiGrid.Grains.Batches;

/// <summary>A job's results one after the other. A stream that breaks off, because it rested or its silo left, is opened again where it stood.</summary>
internal sealed class JobAnswers(IJobGrain job, CancellationToken cancellationToken) : IAsyncDisposable
{
    private const int TriesMax = 5;

    private IAsyncEnumerator<JobResult>? _results;
    private int _next;

    /// <summary>The next result; null when there are no more.</summary>
    public async Task<JobResult?> NextAsync()
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                _results ??= job.ReadResults(_next, cancellationToken).GetAsyncEnumerator(cancellationToken);
                if (!await _results.MoveNextAsync())
                {
                    return null;
                }

                _next++;
                return _results.Current;
            }
            catch (Exception e) when (e is EnumerationAbortedException or TimeoutException && tries < TriesMax)
            {
                await DisposeAsync();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_results is { } results)
        {
            _results = null;
            await results.DisposeAsync();
        }
    }
}
