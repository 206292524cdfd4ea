using System.ComponentModel.DataAnnotations;
using PiGrid.Verification;
using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Tests.Verification.Trust;

/// <summary>What holds of trust whatever happens.</summary>
public class TrustProperties
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TrustOptions Options = new();

    [Fact]
    public void Standing_WithoutEnoughPassedChecks_IsNeverTrusted() => Dice.Check(500, dice =>
    {
        var (state, now, passed) = (Standing.New(Start), Start, 0);
        foreach (var _ in Enumerable.Range(0, 60))
        {
            now += TimeSpan.FromHours(dice.Below(400));
            var before = state;
            var happened = dice.OneOf(TrustEvent.Passed, TrustEvent.Passed, TrustEvent.Passed, TrustEvent.Wrong, TrustEvent.Error, TrustEvent.Timeout);
            passed = happened == TrustEvent.Wrong ? 0 : passed + (happened == TrustEvent.Passed ? 1 : 0);
            state = StandingRules.Apply(state, happened, now, Options);

            Assert.False(state.Tier == ReputationTier.Trusted && passed < Options.ProbationChecks);
            Assert.False(before.Tier == ReputationTier.Banned && state.Tier != ReputationTier.Banned);
            Assert.False(happened == TrustEvent.Wrong && state.Tier is (ReputationTier.Trusted or ReputationTier.Probation));
            Assert.True(state.Passed >= 0 && state.Wrong >= 0 && state.Errors >= 0 && state.Timeouts >= 0);
        }
    });

    [Fact]
    public void Standing_AfterAHalfLife_CountsHalf()
    {
        var state = Standing.New(Start) with { Passed = 40, Wrong = 1, Tier = ReputationTier.Trusted };
        var later = StandingRules.At(state, Start + Options.HalfLife, Options);

        Assert.Equal((20, 0.5, ReputationTier.Trusted), (later.Passed, later.Wrong, later.Tier));
        Assert.Equal(ReputationTier.Probation, StandingRules.At(state, Start + (4 * Options.HalfLife), Options).Tier);
    }

    [Fact]
    public void Standing_AfterTwoWrongAnswers_IsBannedForGood()
    {
        var once = StandingRules.Apply(Standing.New(Start), TrustEvent.Wrong, Start, Options);
        var thatNight = StandingRules.Apply(once, TrustEvent.Wrong, Start.AddDays(1), Options);
        var twice = StandingRules.Apply(once, TrustEvent.Wrong, Start + Options.Suspension, Options);

        Assert.Equal((ReputationTier.Suspended, Start + Options.Suspension), (once.Tier, once.Until));
        Assert.Equal((ReputationTier.Suspended, once.Until), (thatNight.Tier, thatNight.Until));
        Assert.Equal(ReputationTier.Banned, StandingRules.At(twice, Start.AddYears(10), Options).Tier);
        Assert.Equal(ReputationTier.Probation, StandingRules.At(once, Start + Options.Suspension, Options).Tier);
    }

    [Fact]
    public void Hazard_Always_IsAtLeastTheShareSeenAndFallsWithPassedChecks() => Dice.Check(300, dice =>
    {
        var depth = dice.Below(2000);
        var ledger = new CheckLedger();
        var (failed, checks) = (dice.Below(20), 20 + dice.Below(2000));
        for (var i = 0; i < checks; i++)
        {
            ledger.Add(depth, i < failed);
        }

        var before = ledger.Hazard(depth);
        Assert.InRange(before, failed / (double)checks, 1);
        ledger.Add(depth, failed: false);
        var lower = ledger.Hazard(depth);
        Assert.True(lower <= before);
        ledger.Add(depth, failed: true);
        Assert.True(ledger.Hazard(depth) >= lower);
    });

    [Fact]
    public void Bucket_Always_GrowsWithDepthAndStaysInRange() => Dice.Check(500, dice =>
    {
        var depth = dice.Below(int.MaxValue - 1);
        Assert.InRange(CheckLedger.Bucket(depth), 0, CheckLedger.Buckets - 1);
        Assert.InRange(CheckLedger.Bucket(depth + 1) - CheckLedger.Bucket(depth), 0, 1);
    });

    [Fact]
    public void Rates_Always_KeepTheTargetOrCheckEverything() => Dice.Check(300, dice =>
    {
        var hazard = dice.Below(1000) / 10_000.0;
        var rate = RiskRules.OnlineRate(Options.ProbationChecks, hazard, Options);

        Assert.InRange(rate, Options.OnlineCheckRate, 1);
        Assert.True(hazard * (1 - rate) <= Options.OnlineEpsilon + 1e-12);
        Assert.Equal(1, RiskRules.OnlineRate(Options.ProbationChecks - 1, hazard, Options));
    });

    [Fact]
    public void BatchRate_WithMoreFailures_IsNoLowerAndStaysInRange() => Dice.Check(300, dice =>
    {
        var (ledger, worse) = (new CheckLedger(), new CheckLedger());
        var depth = Options.ProbationChecks + dice.Below(1000);
        for (var i = dice.Below(3000); i >= 0; i--)
        {
            var at = dice.Below(depth + 1);
            var failed = dice.Once(50);
            ledger.Add(at, failed);
            worse.Add(at, failed || dice.Once(50));
        }

        var rate = RiskRules.BatchRate(depth, ledger, Options);

        Assert.InRange(rate, Options.SpotCheckRate, 1);
        Assert.True(RiskRules.BatchRate(depth, worse, Options) >= rate);
        Assert.Equal(1, RiskRules.BatchRate(Options.ProbationChecks - 1, ledger, Options));
    });

    [Fact]
    public void BatchRate_WhenManyPassedAndNoneFailed_IsTheSpotCheckRate()
    {
        var ledger = new CheckLedger();
        Assert.True(RiskRules.BatchRate(1000, ledger, Options) > 0.9);
        for (var i = 0; i < 100_000; i++)
        {
            ledger.Add(1000, failed: false);
        }

        Assert.Equal(Options.SpotCheckRate, RiskRules.BatchRate(1000, ledger, Options));
        ledger.Add(1000, failed: true);
        Assert.True(RiskRules.BatchRate(1000, ledger, Options) > Options.SpotCheckRate);
    }

    [Fact]
    public void Options_WhenSeveralAreWrong_NamesEach()
    {
        var wrong = Options with { Epsilon = 0, AuditRate = double.NaN, Suspension = TimeSpan.Zero };

        Assert.Empty(ErrorsOf(Options));
        Assert.Equal([nameof(wrong.AuditRate), nameof(wrong.Epsilon), nameof(wrong.Suspension)], ErrorsOf(wrong).SelectMany(e => e.MemberNames).Order());
    }

    private static List<ValidationResult> ErrorsOf(TrustOptions options)
    {
        var errors = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), errors, validateAllProperties: true);
        return errors;
    }
}
