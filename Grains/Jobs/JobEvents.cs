using System.Runtime.CompilerServices;

namespace PiGrid.Grains.Jobs;

/// <summary>The last events of a job, and those who wait for the next one. Used on the job's grain scheduler only.</summary>
internal sealed class JobEvents
{
    /// <summary>How many events are remembered.</summary>
    public const int RememberedMax = 4096;

    private readonly Queue<JobEvent> _events = new();
    private TaskCompletionSource _changed = NewSignal();
    private long _sequence;
    private bool _ended;

    /// <summary>Enters an event and wakes those who wait.</summary>
    public void Add(JobEvent happened)
    {
        _events.Enqueue(happened with { Sequence = ++_sequence });
        if (_events.Count > RememberedMax)
        {
            _events.Dequeue();
        }

        Wake();
    }

    /// <summary>No more events come; those who wait are let go.</summary>
    public void End()
    {
        _ended = true;
        Wake();
    }

    /// <summary>The events after a sequence number, as they come, until the end.</summary>
    public async IAsyncEnumerable<JobEvent> ReadAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var signal = _changed.Task;
            foreach (var happened in _events.Where(e => e.Sequence > after).ToArray())
            {
                after = happened.Sequence;
                yield return happened;
            }

            if (_ended && after >= _sequence)
            {
                yield break;
            }

            if (after >= _sequence)
            {
                await signal.WaitAsync(cancellationToken);
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Wake()
    {
        var signal = _changed;
        _changed = NewSignal();
        signal.TrySetResult();
    }
}
