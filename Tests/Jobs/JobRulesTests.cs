using PiGrid.Grains.Jobs;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Tests.Jobs;

public class JobRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly JobOptions Options = new();

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(8, 10, 1)]
    [InlineData(160, 10, 10)]
    [InlineData(10_000, 10, 64)]
    [InlineData(10_000, 1000, 2)]
    [InlineData(10_000, 60_000, 1)]
    public void ShardSize_ByInputsAndTheirTime_StaysWithinTheLimits(int inputs, double inputMs, int size) =>
        Assert.Equal(size, JobRules.ShardSize(Spec(), inputs, inputMs, Options));

    [Fact]
    public void Accept_WhenInputsDoNotDivide_GivesTheLastShardTheRest()
    {
        var record = Record(inputs: 10, size: 4);

        Assert.Equal(3, record.ShardCount);
        Assert.Equal((8, 2), JobRules.InputsOf(record, 2));
    }

    [Theory]
    [InlineData(4, 0, 250.0, 0.25)]
    [InlineData(4, 3, 250.0, 1.0)]
    [InlineData(0, 0, 250.0, null)]
    [InlineData(4, 0, null, null)]
    public void ExpectedStart_ByPaceSlotsAndRivals_IsAShardsTimeForEach(int slots, int rivals, double? inputMs, double? seconds)
    {
        var forecast = new WorkForecast(slots, rivals, inputMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null);

        var start = JobRules.ExpectedStart(Record(inputs: 10, size: 4), forecast, Now);

        Assert.Equal(seconds, (start - Now)?.TotalSeconds);
        Assert.Null(JobRules.ExpectedStart(Record(inputs: 10, size: 4), null, Now));
    }

    [Fact]
    public void Close_WhenEveryShardIsAccepted_Completes()
    {
        var record = CloseAll(Record(inputs: 3, size: 1), accepted: _ => true);

        Assert.Equal(JobState.Completed, record.State);
        Assert.Equal(Now, record.FinishedAt);
        Assert.Equal(3, record.Progress.Low);
        Assert.Empty(record.Progress.Beyond);
    }

    [Fact]
    public void Close_OfAnAdaptiveJob_EndsItOnlyWhenItIsDelivered()
    {
        var record = Record(1, size: 1) with { Policy = VerificationPolicy.Adaptive };

        var closed = JobRules.Close(record, Outcome(0, true), Now);

        Assert.Equal((JobState.Running, 1), (closed.State, closed.Progress.Closed));
        Assert.Equal(JobState.Completed, JobRules.Finish(closed, Now).State);
    }

    [Fact]
    public void Close_WhenSomeAreGivenUp_CompletesAndCountsThem()
    {
        var record = CloseAll(Record(inputs: 3, size: 1), accepted: i => i == 1);

        Assert.Equal(JobState.Completed, record.State);
        Assert.Equal((1, 2), (record.Progress.Accepted, record.Progress.GivenUp));
    }

    [Fact]
    public void Close_WhenAllAreGivenUp_FailsWithTheReason()
    {
        var record = CloseAll(Record(inputs: 2, size: 1), accepted: _ => false);

        Assert.Equal(JobState.Failed, record.State);
        Assert.Equal("why", record.Error);
    }

    [Fact]
    public void Close_WhenAShardIsReportedTwice_CountsItOnce()
    {
        var record = JobRules.Close(Record(inputs: 3, size: 1), Outcome(0, true), Now);

        Assert.Equal(record, JobRules.Close(record, Outcome(0, true), Now));
    }

    [Fact]
    public void Terminal_WhateverComes_Stays()
    {
        var cancelled = JobRules.End(Record(inputs: 1, size: 1), JobState.Cancelled, "no", Now);

        Assert.Equal(cancelled, JobRules.Close(cancelled, Outcome(0, true), Now));
        Assert.Equal(cancelled, JobRules.End(cancelled, JobState.Failed, "other", Now));

        var late = cancelled with { Spec = cancelled.Spec! with { Deadline = Now } };
        Assert.Equal(late, JobRules.Age(late, Now));
    }

    [Fact]
    public void Age_WhenTheDeadlinePasses_Fails()
    {
        var record = Record(inputs: 1, size: 1);
        record = record with { Spec = record.Spec! with { Deadline = Now } };

        Assert.Equal(JobState.Running, JobRules.Age(record, Now.AddTicks(-1)).State);
        Assert.Equal(JobState.Failed, JobRules.Age(record, Now).State);
    }

    [Fact]
    public void Window_WhenShardsCloseOutOfOrder_StartsAtTheFirstOpenOne()
    {
        var record = Record(inputs: 10, size: 1);
        record = JobRules.Close(JobRules.Close(record, Outcome(0, true), Now), Outcome(2, true), Now);

        Assert.Equal([1, 3, 4, 5], JobRules.Window(record, 4));
    }

    [Fact]
    public void Window_WhenOneShardTakesLong_HoldsTheOthersBackOnlyFarBehindIt()
    {
        var record = Record(inputs: 100, size: 1);
        for (var shard = 1; shard < 10; shard++)
        {
            record = JobRules.Close(record, Outcome(shard, true), Now);
        }

        Assert.Equal([0, 10], JobRules.Window(record, 2));
        for (var shard = 10; shard < 2 * JobRules.WindowReach; shard++)
        {
            record = JobRules.Close(record, Outcome(shard, true), Now);
        }

        Assert.Equal([0], JobRules.Window(record, 2));
    }

    [Theory]
    [InlineData(0, 80, false)]
    [InlineData(0, 70, true)]
    [InlineData(50, 49, true)]
    [InlineData(50, 50, false)]
    public void Job_WhenShardsClose_OpensMoreBeforeNodesRunOut(int closed, int open, bool wants)
    {
        var record = Record(inputs: 100, size: 1);
        for (var shard = 0; shard < closed; shard++)
        {
            record = JobRules.Close(record, Outcome(shard, true), Now);
        }

        Assert.Equal(wants, JobRules.WantsMoreOpen(record, open, new JobOptions { OpenShardsMax = 80 }));
    }

    [Fact]
    public void Validate_WhenEverythingIsWrong_NamesEachField()
    {
        var spec = Spec() with
        {
            Inputs = [new JobInput { Name = "a" }, new JobInput { Name = new string('b', 501), Data = new byte[Options.InlineInputBytesMax + 1] }],
            InputIndex = new BlobRef(default, 0),
            Deadline = Now,
            ShardSize = 0,
            Name = new string('n', 201),
            Priority = (JobPriority)7,
        };

        Assert.Equal(
            ["inputs", "inputs[0]", "inputs[1].data", "inputs[1].name", "input_index.size", "shard_size", "deadline", "priority", "name"],
            JobValidator.Validate(spec, Now, Options).Select(e => e.Field));
    }

    [Theory]
    [InlineData(100, 10, 0, 10.0)]
    [InlineData(100, 10, 1, 20.0)]
    [InlineData(10, 1_000, 0, 4.0)]
    public void Shortest_BySlotsAndRivals_IsTheRequestersShareOfTheWork(int inputs, int slots, int rivals, double seconds) => Assert.Equal(
        TimeSpan.FromSeconds(seconds),
        JobRules.Shortest(Record(inputs, size: 4), new WorkForecast(slots, rivals, TimeSpan.FromSeconds(1)), inputMs: 5) * (inputs == 10 ? 1 : 0.5));

    [Fact]
    public void Shortest_WhenNothingIsKnown_CannotBeSaid()
    {
        Assert.Null(JobRules.Shortest(Record(10, 1), new WorkForecast(0, 0, TimeSpan.FromSeconds(1)), 5));
        Assert.Null(JobRules.Shortest(Record(10, 1), new WorkForecast(5, 0, null), inputMs: 0));
    }

    [Fact]
    public void Deadline_WhenItCannotBeMet_IsRefusedWithTheEarliestThatCould()
    {
        var forecast = new WorkForecast(10, 0, TimeSpan.FromSeconds(1));
        var record = Record(100, 1);
        var shortest = JobRules.Shortest(record, forecast, 0);

        var error = JobRules.CheckDeadline(WithDeadline(record, 19), shortest, forecast, Now);
        Assert.Equal(("deadline", "unmeetable"), (error!.Field, error.Code));
        Assert.Contains($"{Now.AddSeconds(20):O}", error.Message, StringComparison.Ordinal);
        Assert.Null(JobRules.CheckDeadline(WithDeadline(record, 20), shortest, forecast, Now));
        Assert.Null(JobRules.CheckDeadline(WithDeadline(record, 1), shortest: null, forecast, Now));
    }

    [Theory]
    [InlineData(29.9, false)]
    [InlineData(30, true)]
    public void Retention_OfAJobThatEnded_IsOverAfterItsTime(double days, bool isOver)
    {
        var ended = JobRules.ToStatus(JobId.FromBytes(new byte[16]), CloseAll(Record(2, 1), _ => true), queueReason: null);

        Assert.Equal(isOver, JobRules.IsOver(ended, Now.AddDays(days), Options));
        Assert.False(JobRules.IsOver(ended, Now.AddDays(3_000), new JobOptions { Retention = TimeSpan.Zero }));
        Assert.False(JobRules.IsOver(ended with { State = JobState.Running, FinishedAt = null }, Now.AddDays(3_000), Options));
    }

    private static JobRecord WithDeadline(JobRecord record, int seconds) => record with { Spec = record.Spec! with { Deadline = Now.AddSeconds(seconds) } };

    private static JobSpec Spec() => new() { Model = new ModelRef("m", "1") };

    private static JobRecord Record(int inputs, int size) => JobRules.Accept(
        Spec() with { ShardSize = size, Policy = VerificationPolicy.Quorum(2) },
        new ModelWork
        {
            Template = new WorkTemplate
            {
                Kind = WorkKind.Run,
                Model = new ModelRef("m", "1"),
                Manifest = new BlobRef(default, 1),
                Category = "vision",
                Limits = new ManifestLimits(),
            },
            Comparator = new Comparator { Kind = ComparatorKind.Exact },
        },
        inputs,
        Now,
        Options);

    private static JobRecord CloseAll(JobRecord record, Func<int, bool> accepted)
    {
        for (var shard = record.ShardCount - 1; shard >= 0; shard--)
        {
            record = JobRules.Close(record, Outcome(shard, accepted(shard)), Now);
        }

        return record;
    }

    private static ShardOutcome Outcome(int shard, bool accepted) => new()
    {
        Index = shard,
        Accepted = accepted,
        InputsFailed = accepted ? 0 : 1,
        Replicas = 2,
        Error = accepted ? null : "why",
        At = Now,
    };
}
