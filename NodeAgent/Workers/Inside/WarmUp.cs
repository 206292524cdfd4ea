using PiGrid.Inference;
using PiGrid.Inference.Sessions;
using PiGrid.NodeAgent.Workers.Wire;

namespace PiGrid.NodeAgent.Workers.Inside;

/// <summary>
/// Runs a whole pipeline once on a tiny picture before the first lease comes, so that libraries are loaded and code is compiled when
/// somebody waits. It also tells at once when a native library does not work here.
/// </summary>
internal static class WarmUp
{
    /// <summary>Warms up; what does not work is the answer's problem.</summary>
    public static ReadyReply Run()
    {
        try
        {
            using var pipeline = Pipeline.Load(TinyWork.Manifest, new PipelineFiles { Model = TinyWork.Model });
            var run = pipeline.Run(TinyWork.Picture);

            // The reply's way through the serializer is part of the first input's time too.
            _ = Frames.Encode<WorkerReply>(new RanReply(run.Output, run.ModelMs));
            return new(ModelSession.Library, run.Output.Error?.Message);
        }
        catch (Exception e) when (e is PipelineException or DllNotFoundException or EntryPointNotFoundException or TypeInitializationException)
        {
            return new("none", e.Message);
        }
    }

    /// <summary>Tries a provider with a tiny model.</summary>
    public static ProbeReply Probe(string name)
    {
        if (ExecutionProviders.Parse(name) is not { } provider)
        {
            return new(false, "this agent does not know it");
        }

        try
        {
            var trial = ProviderTrials.Try(provider);
            return new(trial.Usable, trial.Reason);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or TypeInitializationException)
        {
            return new(false, e.Message);
        }
    }
}
