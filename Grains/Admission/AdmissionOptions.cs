using System.ComponentModel.DataAnnotations;

namespace PiGrid.Grains.Admission;

/// <summary>How many jobs are taken in; configuration section <c>Admission</c>.</summary>
public sealed class AdmissionOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Admission";

    /// <summary>Jobs open at once, in all.</summary>
    [Range(1, 10_000_000)]
    public int OpenJobsMax { get; set; } = 100_000;

    /// <summary>Jobs open at once of one requester (an API key).</summary>
    [Range(1, 10_000_000)]
    public int OpenJobsPerRequesterMax { get; set; } = 10_000;

    /// <summary>The shortest time after which a requester who was sent away is asked to try again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RetryAfterMin { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest such time.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RetryAfterMax { get; set; } = TimeSpan.FromMinutes(5);
}
