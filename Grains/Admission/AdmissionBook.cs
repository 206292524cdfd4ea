namespace PiGrid.Grains.Admission;

/// <summary>
/// Who may come in? Jobs that are open are counted, in all and by requester; at a limit new ones are sent away with the time after which one is
/// expected to have ended, by the rhythm in which they ended lately. Like the dispatcher's board it is changed in place and never written.
/// </summary>
internal sealed class AdmissionBook(AdmissionOptions options)
{
    // The weight of the newest interval between two ends.
    private const double Weight = 0.1;

    private readonly Dictionary<JobId, string> _jobs = [];
    private readonly Dictionary<string, int> _byRequester = [];
    private DateTimeOffset? _endedAt;
    private double? _intervalSeconds;

    /// <summary>Jobs that are open.</summary>
    public int Open => _jobs.Count;

    /// <summary>A job that was open before: it is in, whatever the limits say now.</summary>
    public void Load(JobId job, string requester)
    {
        if (_jobs.TryAdd(job, requester))
        {
            _byRequester[requester] = _byRequester.GetValueOrDefault(requester) + 1;
        }
    }

    /// <summary>A job wants in.</summary>
    public JobEntry Enter(JobId job, string requester)
    {
        if (_jobs.ContainsKey(job))
        {
            return new(null, null);
        }

        if (_byRequester.GetValueOrDefault(requester) >= options.OpenJobsPerRequesterMax)
        {
            return new($"You have {options.OpenJobsPerRequesterMax} open jobs already (option Admission:OpenJobsPerRequesterMax): wait for some to end, or cancel some.", Wait());
        }

        if (_jobs.Count >= options.OpenJobsMax)
        {
            return new($"The grid has {options.OpenJobsMax} open jobs already (option Admission:OpenJobsMax): submit again later.", Wait());
        }

        Load(job, requester);
        return new(null, null);
    }

    /// <summary>A job is over.</summary>
    public void Leave(JobId job, DateTimeOffset now)
    {
        if (!_jobs.Remove(job, out var requester))
        {
            return;
        }

        if (--_byRequester[requester] is 0)
        {
            _byRequester.Remove(requester);
        }

        if (_endedAt is { } last && now >= last)
        {
            var interval = (now - last).TotalSeconds;
            _intervalSeconds = _intervalSeconds is { } known ? known + (Weight * (interval - known)) : interval;
        }

        _endedAt = now;
    }

    private TimeSpan Wait()
    {
        var expected = TimeSpan.FromSeconds(Math.Min(_intervalSeconds ?? 0, options.RetryAfterMax.TotalSeconds));
        return expected < options.RetryAfterMin ? options.RetryAfterMin : expected;
    }
}
