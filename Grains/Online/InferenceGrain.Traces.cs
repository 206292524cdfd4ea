using System.Diagnostics;
using PiGrid.Grains.Telemetry;

namespace PiGrid.Grains.Online;

// The call's span, from its beginning to its answer. What is audited after that belongs to it, but does not lengthen it.
internal sealed partial class InferenceGrain
{
    private Activity? _span;

    // The current span until the call waits, so that what is logged about it has its trace.
    private void OpenSpan(InferenceCall call)
    {
        _span = GridTrace.Start(SpanNames.Call, call.Trace);
        _span?.SetTag("pigrid.model", call.Model.Value);
        _span?.SetTag("pigrid.call.id", _id.Value);
        _span?.SetTag("pigrid.policy", call.Policy.ToString());
    }

    private void CloseSpan(InferenceAnswer answer)
    {
        if (_span is { } span)
        {
            span.SetTag("pigrid.outcome", GridMetrics.OutcomeOf(answer));
            span.SetTag("pigrid.shard.replicas", answer.Replicas);
            span.SetTag("pigrid.credibility", answer.Credibility);
            span.SetTag("pigrid.receipt.id", answer.Receipt?.Value);
            GridTrace.Close(span, answer.Failure?.Message);
        }
    }
}
