namespace Orleans.Embedded;

/// <summary>A call's place in a chain of waiting calls.</summary>
internal struct DeadlineLinks
{
    public Call? Previous;
    public Call? Next;
    public long At;
    public int Stripe;
}

/// <summary>
/// Fails calls whose answer does not come in time. Chains striped by processor make adding and removing cheap, as nearly every
/// call is answered; one sweep looks for the late ones.
/// </summary>
internal sealed class CallDeadlines : IDisposable
{
    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Stripe())];
    private readonly Timer _sweep;

    public CallDeadlines(TimeSpan shortest)
    {
        var period = TimeSpan.FromMilliseconds(Math.Clamp(shortest.TotalMilliseconds / 20, 10, 250));
        _sweep = new Timer(_ => Sweep(Environment.TickCount64), null, period, period);
    }

    public void Add(Call call)
    {
        var index = Thread.GetCurrentProcessorId() % _stripes.Length;
        var stripe = _stripes[index];
        var wait = call.ResponseTimeout;
        lock (stripe)
        {
            call.Deadline.Stripe = index + 1;
            call.Deadline.At = wait < TimeSpan.Zero ? long.MaxValue : Environment.TickCount64 + (long)wait.TotalMilliseconds;
            call.Deadline.Next = stripe.Head;
            if (stripe.Head is { } head) { head.Deadline.Previous = call; }
            stripe.Head = call;
        }
    }

    public void Remove(Call call)
    {
        if (call.Deadline.Stripe == 0) { return; }
        var stripe = _stripes[call.Deadline.Stripe - 1];
        lock (stripe)
        {
            ref var links = ref call.Deadline;
            if (links.Stripe == 0) { return; }
            if (links.Previous is { } previous) { previous.Deadline.Next = links.Next; }
            else { stripe.Head = links.Next; }
            if (links.Next is { } next) { next.Deadline.Previous = links.Previous; }
            links = default;
        }
    }

    /// <summary>Fails every waiting call: the runtime ends.</summary>
    public void FailAll(Func<Call, Exception> failure) => Each(_ => true, failure);

    public void Dispose() => _sweep.Dispose();

    private void Sweep(long now) => Each(call => call.Deadline.At <= now, call => new TimeoutException(
        $"Response did not arrive on time in {call.ResponseTimeout} for message: {call}."));

    private void Each(Func<Call, bool> chosen, Func<Call, Exception> failure)
    {
        var found = new List<Call>();
        foreach (var stripe in _stripes)
        {
            lock (stripe)
            {
                for (var call = stripe.Head; call is not null; call = call.Deadline.Next)
                {
                    if (chosen(call)) { found.Add(call); }
                }
            }
        }
        found.ForEach(call => call.Fail(failure(call)));
    }

    private sealed class Stripe
    {
        public Call? Head;
    }
}
