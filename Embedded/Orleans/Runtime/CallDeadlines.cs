namespace Orleans.Embedded;

/// <summary>
/// Fails calls whose answer does not come in time. Sets striped by processor make adding and removing cheap, as nearly every
/// call is answered; one sweep looks for the late ones.
/// </summary>
internal sealed class CallDeadlines : IDisposable
{
    private readonly HashSet<Call>[] _stripes = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new HashSet<Call>())];
    private readonly Timer _sweep;

    public CallDeadlines(TimeSpan shortest)
    {
        var period = TimeSpan.FromMilliseconds(Math.Clamp(shortest.TotalMilliseconds / 20, 10, 250));
        _sweep = new Timer(_ => Sweep(), null, period, period);
    }

    public void Add(Call call)
    {
        var index = Thread.GetCurrentProcessorId() % _stripes.Length;
        var wait = call.ResponseTimeout;
        call.Deadline = (index, wait < TimeSpan.Zero ? long.MaxValue : Environment.TickCount64 + (long)wait.TotalMilliseconds);
        lock (_stripes[index]) { _stripes[index].Add(call); }
    }

    public void Remove(Call call)
    {
        var stripe = _stripes[call.Deadline.Stripe];
        lock (stripe) { stripe.Remove(call); }
    }

    /// <summary>Fails every waiting call: the runtime ends.</summary>
    public void FailAll(Func<Call, Exception> failure) => Each(_ => true, failure);

    public void Dispose() => _sweep.Dispose();

    private void Sweep() => Each(call => call.Deadline.At <= Environment.TickCount64, call => new TimeoutException(
        $"Response did not arrive on time in {call.ResponseTimeout} for message: {call}."));

    private void Each(Func<Call, bool> chosen, Func<Call, Exception> failure)
    {
        foreach (var stripe in _stripes)
        {
            Call[] found;
            lock (stripe) { found = [.. stripe.Where(chosen)]; }
            Array.ForEach(found, call => call.Fail(failure(call)));
        }
    }
}
