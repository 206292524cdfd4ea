using PiGrid.Grains.Admission;
using PiGrid.Tests.Simulation;

namespace PiGrid.Benchmarks.Simulation;

/// <summary>Twenty times as many jobs, then twenty times as many nodes, than a half used grid is used to.</summary>
internal static class SurgeExperiment
{
    private const int OpenJobsMax = 300;

    public static IEnumerable<object> Run(ulong seed, SimulationArguments arguments)
    {
        foreach (var ofNodes in new[] { false, true })
        {
            var admission = new AdmissionOptions { OpenJobsMax = OpenJobsMax, OpenJobsPerRequesterMax = OpenJobsMax };
            foreach (var phase in SurgeRun.Of(seed, arguments.Nodes ?? 60, admission, TimeSpan.FromMinutes(20), ofNodes))
            {
                yield return new
                {
                    surge = ofNodes ? "of nodes" : "of jobs",
                    phase = phase.Name,
                    minutes = Math.Round(phase.Lasted.TotalMinutes, 1),
                    asked = phase.Asked,
                    sent_away_with_a_time = phase.SentAway,
                    ended = phase.Ended,
                    ended_an_hour = Math.Round(phase.EndedAnHour),
                    open_jobs_max = phase.OpenMax,
                    waiting_replicas_max = phase.WaitingMax,
                    heap_mib = GC.GetTotalMemory(forceFullCollection: true) >> 20,
                };
            }
        }
    }
}
