namespace PiGrid.Grains.Verification.Trust;

/// <summary>How much is checked, and what trust takes. One set for every attack; nothing in it states how many saboteurs there are.</summary>
internal sealed record TrustOptions
{
    /// <summary>The share of wrong results that a job may have at delivery; above 0, at most 0.5.</summary>
    public double Epsilon { get; init; } = 1e-4;

    /// <summary>The share of wrong first answers, at most, that online calls may have at any moment; above 0, at most 0.5.</summary>
    public double OnlineEpsilon { get; init; } = 2e-3;

    /// <summary>The share of a trusted node's batch results that a second node repeats, whatever the evidence; 0 to 1.</summary>
    public double SpotCheckRate { get; init; } = 0.03;

    /// <summary>The share of a trusted node's online answers that a second node repeats, whatever the evidence; 0 to 1.</summary>
    public double OnlineCheckRate { get; init; } = 0.1;

    /// <summary>The share of accepted results that an operator node repeats, whatever the evidence; 0 to 1.</summary>
    public double AuditRate { get; init; } = 0.001;

    /// <summary>Passed checks before a node's result may be accepted alone; 1 to 10,000.</summary>
    public int ProbationChecks { get; init; } = 10;

    /// <summary>By what the estimated share of wrong results is multiplied before it is compared with <see cref="Epsilon"/>; at least 1.</summary>
    public double Safety { get; init; } = 1.1;

    /// <summary>The share of wrong results, in units of <see cref="Epsilon"/>, down to which results are repeated at once and not at the job's end.</summary>
    public double Ahead { get; init; } = 0.5;

    /// <summary>The least share of saboteurs that a check is assumed to meet; 0 to 0.5.</summary>
    public double SaboteursMin { get; init; } = 0.1;

    /// <summary>The share of saboteurs up to which the target is met; <see cref="SaboteursMin"/> to 0.5.</summary>
    public double SaboteursMax { get; init; } = 0.35;

    /// <summary>The share of a job's shards that one round of further checks takes; above 0, at most 1.</summary>
    public double RoundShare { get; init; } = 0.02;

    /// <summary>Owners that agree one after the other on a shard before an operator node and not one more of them repeats it; 2 to 16.</summary>
    public int ReplicasMax { get; init; } = 5;

    /// <summary>Results of a job that operator nodes and not owners repeat to get it delivered, the riskiest first; a small job needs no more. 0 or more.</summary>
    public int AuditsPerJob { get; init; } = 5000;

    /// <summary>The share of a new node's first shards that operator nodes have computed beforehand; 0 to 1.</summary>
    public double RingerRate { get; init; }

    /// <summary>Checks, at most, by which what the grid saw before a job weighs in that job; 0 or more.</summary>
    public int EvidenceCarried { get; init; } = 20_000;

    /// <summary>Checks after which online evidence counts half.</summary>
    public int OnlineEvidenceHalf { get; init; } = 20_000;

    /// <summary>The time in which standing that is not renewed by checks halves.</summary>
    public TimeSpan HalfLife { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long a suspension lasts.</summary>
    public TimeSpan Suspension { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Errors and timeouts, each decayed, beyond this share of a node's results suspend it; above 0, at most 1.</summary>
    public double FailureShareMax { get; init; } = 0.5;

    /// <summary>Wrong answers, decayed, at which the owner is banned; the first suspends.</summary>
    public double WrongToBan { get; init; } = 1.5;

    /// <summary>Everything that is wrong with these options.</summary>
    public IEnumerable<string> Errors()
    {
        (bool IsWrong, string Error)[] checks =
        [
            (Epsilon is not (> 0 and <= 0.5), $"Trust:Epsilon is {Epsilon}; it must be above 0 and at most 0.5."),
            (OnlineEpsilon is not (> 0 and <= 0.5), $"Trust:OnlineEpsilon is {OnlineEpsilon}; it must be above 0 and at most 0.5."),
            (SpotCheckRate is not (>= 0 and <= 1), $"Trust:SpotCheckRate is {SpotCheckRate}; it must be 0 to 1."),
            (OnlineCheckRate is not (>= 0 and <= 1), $"Trust:OnlineCheckRate is {OnlineCheckRate}; it must be 0 to 1."),
            (AuditRate is not (>= 0 and <= 1), $"Trust:AuditRate is {AuditRate}; it must be 0 to 1."),
            (ProbationChecks is not (>= 1 and <= 10_000), $"Trust:ProbationChecks is {ProbationChecks}; it must be 1 to 10,000."),
            (Safety is not (>= 1 and <= 100), $"Trust:Safety is {Safety}; it must be 1 to 100."),
            (Ahead is not (> 0 and <= 100), $"Trust:Ahead is {Ahead}; it must be above 0 and at most 100."),
            (SaboteursMin is not (>= 0 and <= 0.5), $"Trust:SaboteursMin is {SaboteursMin}; it must be 0 to 0.5."),
            (!(SaboteursMax >= SaboteursMin && SaboteursMax <= 0.5), $"Trust:SaboteursMax is {SaboteursMax}; it must be Trust:SaboteursMin to 0.5."),
            (RoundShare is not (> 0 and <= 1), $"Trust:RoundShare is {RoundShare}; it must be above 0 and at most 1."),
            (ReplicasMax is not (>= 2 and <= JobRisk.AgreeingMax), $"Trust:ReplicasMax is {ReplicasMax}; it must be 2 to {JobRisk.AgreeingMax}."),
            (AuditsPerJob < 0, $"Trust:AuditsPerJob is {AuditsPerJob}; it must not be negative."),
            (RingerRate is not (>= 0 and <= 1), $"Trust:RingerRate is {RingerRate}; it must be 0 to 1."),
            (EvidenceCarried < 0, $"Trust:EvidenceCarried is {EvidenceCarried}; it must not be negative."),
            (OnlineEvidenceHalf < 1000, $"Trust:OnlineEvidenceHalf is {OnlineEvidenceHalf}; it must be at least 1,000."),
            (HalfLife <= TimeSpan.Zero, $"Trust:HalfLife is {HalfLife}; it must be positive."),
            (Suspension <= TimeSpan.Zero, $"Trust:Suspension is {Suspension}; it must be positive."),
            (FailureShareMax is not (> 0 and <= 1), $"Trust:FailureShareMax is {FailureShareMax}; it must be above 0 and at most 1."),
            (WrongToBan is not (> 1 and <= 100), $"Trust:WrongToBan is {WrongToBan}; it must be above 1 and at most 100."),
        ];
        return checks.Where(check => check.IsWrong).Select(check => check.Error);
    }
}
