using System.Globalization;

namespace PiGrid.Client.Demo;

/// <summary>What a demo promises, and whether it held. A pure function of the report.</summary>
internal static class DemoChecks
{
    /// <summary>Everything that did not hold; empty when the demo succeeded.</summary>
    public static IReadOnlyList<string> Failures(DemoOptions options, DemoReport report, JobStatus status)
    {
        var failures = new List<string>();
        void Check(bool holds, string failure)
        {
            if (!holds)
            {
                failures.Add(string.Create(CultureInfo.InvariantCulture, $"{failure}"));
            }
        }

        Check(status.State == JobState.Completed, $"the job ended {status.State}: {status.Error}");
        Check(report.ShardsAccepted == report.Shards, $"{report.Shards - report.ShardsAccepted} of {report.Shards} pictures have no verified result");
        Check(status.InputsFailed == 0, $"{status.InputsFailed} pictures ended with an error: {report.Pictures.FirstOrDefault(p => p.Error is not null)?.Error}");
        Check(report.WrongAccepted == 0, $"{report.WrongAccepted} accepted results are wrong{Advice(options)}");
        Check(report.Killed == options.Kill, $"{report.Killed} of {options.Kill} nodes were killed while they held a lease");
        Check(report.Pictures.All(p => p.ReceiptVerified), "not every picture has a receipt whose signatures hold");
        var idle = report.NodeTimes.Where(n => n.Role != VolunteerRole.Casualty && (n.AckMs is null || n.Results == 0)).Select(n => n.Name).ToList();
        Check(idle.Count == 0, $"not every living node worked: {string.Join(", ", idle)}");
        return failures;
    }

    private static string Advice(DemoOptions options) => options.Liars >= options.Quorum
        ? $" ({options.Liars} liars who tell the same lie can outvote a quorum of {options.Quorum}: try --quorum {options.Liars + 1})"
        : "";
}
