using System.ComponentModel.DataAnnotations;

namespace PiGrid.Silo.Dashboard;

/// <summary>Limits of the dashboard and of the routes that feed it; configuration section <c>Dashboard</c>.</summary>
public sealed class DashboardOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Dashboard";

    /// <summary>Whether <c>/</c> serves the dashboard. Its page holds no data: what it shows it asks for with the viewer's API key.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How old what is shown of the grid may be, and how often those who watch get it anew. However many watch, it is gathered once in that time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan SamplePeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How old the numbers of enrolled nodes, jobs and models may be: counting them reads the whole registry.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan CountPeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one stream of the live grid lasts. The page opens the next one by itself, so a key that was revoked sees no more than this.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan StreamLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The most shards of a job in one answer: each that was opened is asked.</summary>
    [Range(1, 10_000)]
    public int ShardsPageMax { get; set; } = 500;
}
