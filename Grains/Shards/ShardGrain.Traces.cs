using System.Diagnostics;
using Orleans;
using PiGrid.Grains.Telemetry;

namespace PiGrid.Grains.Shards;

// The shard's span, from its opening until it is closed or the grain forgets it.
internal sealed partial class ShardGrain
{
    private Activity? _span;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        CloseSpan("the shard was left open");
        return Task.CompletedTask;
    }

    private void OpenSpan(ShardSpec spec)
    {
        if (_span is null && spec.Trace is not null && _state.Phase == ShardPhase.New)
        {
            _span = GridTrace.Open(SpanNames.Shard, spec.Trace);
            _span?.SetTag("pigrid.model", spec.Work.Model.Value);
            _span?.SetTag("pigrid.shard.id", _id.Value);
            _span?.SetTag("pigrid.policy", spec.Policy.ToString());
        }
    }

    private void CloseSpan(string? problem)
    {
        _span?.SetTag("pigrid.shard.replicas", _state.Issued);
        GridTrace.Close(_span, problem);
        _span = null;
    }
}
