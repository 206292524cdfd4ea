using PiGrid.NodeAgent.Cache;
using PiGrid.NodeAgent.Faults;
using PiGrid.NodeAgent.Identity;
using PiGrid.NodeAgent.Session;
using PiGrid.NodeAgent.Work;

namespace PiGrid.NodeAgent;

/// <content>How the parts hang together, and what is logged.</content>
internal sealed partial class Agent
{
    private readonly Outbox _outbox = new();
    private BandwidthCap _cap = null!;
    private BlobTransport _transport = null!;
    private BlobCache _cache = null!;

    private (GridLink Link, LeaseDesk Desk) Connect(EnrolmentRecord enrolment, AgentStanding standing)
    {
        var results = new ResultStore(_folder.ResultsFolder, _time, _logger);
        var sender = new ResultSender(results, _transport, _outbox, _time, _logger);
        var run = new LeaseRun(
            new ShardRunner(_workers, new(() => standing.Slots, _workers.Options.BatchBytesMax), new(_time), _logger) { CoalesceMax = _settings.CoalesceMax ?? CoalescingRules.WaitMaxAbsent },
            _cache, results, _key, standing, new FaultInjector(_settings.Fault, _time), _outbox, _time, _logger);
        var desk = new LeaseDesk(run, results, sender, _outbox, standing, _time, _logger);
        var link = new GridLink(
            _address,
            new Handshake(_key, _address, standing, desk, _cache),
            () => new GridSession(_outbox, desk, sender, new ModelProver(_cache, _outbox, _logger), standing, _cache, _workers, _time, _logger),
            stop => EnrolAsync(enrolment.GridKey, stop),
            BackOff.Default,
            _time,
            _logger);
        return (link, desk);
    }

    private void Report(string? fallback, IReadOnlyList<ProviderProbe> probes)
    {
        foreach (var probe in probes)
        {
            switch (probe)
            {
                case { Usable: false }:
                    NotUsable(probe.Name, probe.Reason ?? "it gave no reason");
                    break;
                case { Reason: { } problem }:
                    NotWhole(probe.Name, problem);
                    break;
                default:
                    Usable(probe.Name);
                    break;
            }
        }

        if (fallback is not null)
        {
            FellBack(fallback);
        }
    }

    [LoggerMessage(100, LogLevel.Information, "PiGrid node agent {Version}, engine {Engine}: node {Node} of {Grid}")]
    private partial void Starting(string version, string engine, string node, string grid);

    [LoggerMessage(101, LogLevel.Information, "Enrolled {Node} of owner {Owner} (operator: {IsOperator})")]
    private partial void Enrolled(string node, string owner, bool isOperator);

    [LoggerMessage(102, LogLevel.Warning, "Not enrolled yet: {Reason} Tries again in {Seconds:0.0} s")]
    private partial void NotEnrolled(string reason, double seconds);

    [LoggerMessage(103, LogLevel.Information, "Provider {Name} works")]
    private partial void Usable(string name);

    [LoggerMessage(108, LogLevel.Information, "Provider {Name} does not work here: {Reason}")]
    private partial void NotUsable(string name, string reason);

    [LoggerMessage(109, LogLevel.Warning, "Provider {Name} works, but the worker that tried it did not warm up: {Reason}")]
    private partial void NotWhole(string name, string reason);

    [LoggerMessage(104, LogLevel.Warning, "Work runs on the next provider of the preferences or on the processor: {Reason}")]
    private partial void FellBack(string reason);

    [LoggerMessage(105, LogLevel.Information, "Stops: finishes {Working} leases and takes nothing new; once more ends at once")]
    private partial void Draining(int working);

    [LoggerMessage(107, LogLevel.Warning, "The rehearsal of a lease failed: {Reason}")]
    private partial void NotRehearsed(string reason);

    [LoggerMessage(106, LogLevel.Information, "Stopped")]
    private partial void Stopped();
}
