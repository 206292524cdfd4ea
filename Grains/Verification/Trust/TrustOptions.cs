using System.ComponentModel.DataAnnotations;

namespace PiGrid.Grains.Verification.Trust;

/// <summary>How much is checked, and what trust takes; configuration section <c>Trust</c>. One set for every attack; nothing in it states how many saboteurs there are.</summary>
public sealed record TrustOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Trust";

    /// <summary>The share of wrong results that a job may have at delivery; above 0, at most 0.5.</summary>
    [Range(0.000001, 0.5)]
    public double Epsilon { get; set; } = 1e-4;

    /// <summary>The share of wrong first answers, at most, that online calls may have at any moment; above 0, at most 0.5.</summary>
    [Range(0.000001, 0.5)]
    public double OnlineEpsilon { get; set; } = 2e-3;

    /// <summary>The share of a trusted node's batch results that a second node repeats, whatever the evidence; 0 to 1.</summary>
    [Range(0.0, 1)]
    public double SpotCheckRate { get; set; } = 0.03;

    /// <summary>The share of a trusted node's online answers that a second node repeats, whatever the evidence; 0 to 1.</summary>
    [Range(0.0, 1)]
    public double OnlineCheckRate { get; set; } = 0.1;

    /// <summary>The share of the shards of none and adaptive jobs that are ringers: an operator node computes them before a volunteer does; 0 to 1.</summary>
    [Range(0.0, 1)]
    public double AuditRate { get; set; } = 0.001;

    /// <summary>Passed checks before a node's result may be accepted alone; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int ProbationChecks { get; set; } = 10;

    /// <summary>By what the estimated share of wrong results is multiplied before it is compared with <see cref="Epsilon"/>; at least 1.</summary>
    [Range(1.0, 100)]
    public double Safety { get; set; } = 1.25;

    /// <summary>The share of wrong results, in units of <see cref="Epsilon"/>, down to which results are repeated at once and not at the job's end.</summary>
    [Range(0.001, 100)]
    public double Ahead { get; set; } = 0.3;

    /// <summary>The least share of saboteurs that a check is assumed to meet; 0 to 0.5.</summary>
    [Range(0.0, 0.5)]
    public double SaboteursMin { get; set; } = 0.1;

    /// <summary>The share of saboteurs up to which the target is met; <see cref="SaboteursMin"/> to 0.5.</summary>
    [Range(0.0, 0.5)]
    public double SaboteursMax { get; set; } = 0.35;

    /// <summary>The share of a job's shards that one round of further checks takes; above 0, at most 1.</summary>
    [Range(0.0001, 1)]
    public double RoundShare { get; set; } = 0.02;

    /// <summary>Owners that agree one after the other on a shard before an operator node and not one more of them repeats it; 2 to 16.</summary>
    [Range(2, JobRisk.AgreeingMax)]
    public int ReplicasMax { get; set; } = 5;

    /// <summary>Results of a job that operator nodes and not owners repeat to get it delivered, the riskiest first; a small job needs no more. 0 or more.</summary>
    [Range(0, 1_000_000_000)]
    public int AuditsPerJob { get; set; } = 5_000;

    /// <summary>The share of a new node's first results that operator nodes repeat instead of other owners, where it can meet no friend; 0 to 1.</summary>
    [Range(0.0, 1)]
    public double RingerRate { get; set; }

    /// <summary>Checks, at most, by which what the grid saw before a job weighs in that job; 0 or more.</summary>
    [Range(0, 1_000_000_000)]
    public int EvidenceCarried { get; set; } = 20_000;

    /// <summary>Checks after which online evidence counts half.</summary>
    [Range(1_000, 1_000_000_000)]
    public int OnlineEvidenceHalf { get; set; } = 20_000;

    /// <summary>The time in which standing that is not renewed by checks halves.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan HalfLife { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a suspension lasts.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan Suspension { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Errors and timeouts, each decayed, beyond this share of a node's results suspend it; above 0, at most 1.</summary>
    [Range(0.001, 1)]
    public double FailureShareMax { get; set; } = 0.5;

    /// <summary>Wrong answers, decayed, at which the owner is banned; the first suspends.</summary>
    [Range(1.001, 100)]
    public double WrongToBan { get; set; } = 1.5;

    /// <summary>
    /// How long after a job's end its results are checked again when owners on whom they rest are found to lie; zero for not at all. A delivered result may then change,
    /// and the job says how many did.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan RecheckDelivered { get; set; }

    /// <summary>How often it is looked whether owners were found, for the sake of delivered results.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan RecheckPeriod { get; set; } = TimeSpan.FromMinutes(1);
}
