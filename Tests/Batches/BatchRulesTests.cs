using FsCheck;
using FsCheck.Fluent;
using PiGrid.Batches;
using PiGrid.Grains.Batches;

namespace PiGrid.Tests.Batches;

/// <summary>How a batch goes from state to state.</summary>
public sealed class BatchRulesTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    private static readonly BatchSpec Spec = new()
    {
        File = NewId.File(),
        Input = new BlobRef(Sha256.Of([1]), 1),
        Endpoint = BatchSpec.AnyEndpoint,
        CompletionWindow = "1h",
        Window = TimeSpan.FromHours(1),
        Requester = "t",
    };

    [Fact]
    public void Batch_WhoseJobsEnd_IsFinalizedAndCompleted()
    {
        var record = Begun(2);
        Assert.Equal(BatchStep.Submit, BatchRules.Next(record));

        record = BatchRules.Submitted(BatchRules.Submitted(record, 0, Accepted(record, 0)), 1, Accepted(record, 1));
        Assert.Equal(BatchStep.Wait, BatchRules.Next(record));

        record = BatchRules.Heard(record, 0, StatusOf(record, 0, JobState.Completed));
        Assert.Equal(BatchState.InProgress, BatchRules.Finalize(record, Start).State);

        record = BatchRules.Finalize(BatchRules.Heard(record, 1, StatusOf(record, 1, JobState.Failed)), Start);
        Assert.Equal((BatchState.Finalizing, BatchStep.Write), (record.State, BatchRules.Next(record)));

        record = BatchRules.Written(record, new(3, 1, NewId.File(), NewId.File()), Start);
        Assert.Equal((BatchState.Completed, 3, 1, BatchStep.None), (record.State, record.Completed, record.Failed, BatchRules.Next(record)));
    }

    [Fact]
    public void Batch_CancelledWhileItsFileIsRead_IgnoresWhatWasRead()
    {
        var cancelled = BatchRules.Cancel(BatchRules.Accept(Spec, Start), Start);

        Assert.Equal(BatchState.Cancelled, cancelled.State);
        Assert.Same(cancelled, BatchRules.Begin(cancelled, Plan(1), Start));
        Assert.Same(cancelled, BatchRules.Fail(cancelled, [new("x", "x")], Start));
    }

    [Fact]
    public void Batch_CancelledWhileItsJobsRun_StopsThemFirst()
    {
        var record = Begun(2);
        record = BatchRules.Cancel(BatchRules.Submitted(record, 0, Accepted(record, 0)), Start);
        Assert.Equal((BatchState.Cancelling, BatchStep.Stop), (record.State, BatchRules.Next(record)));

        // The second was never submitted; of the first it is heard that it is over.
        record = BatchRules.Heard(BatchRules.StopWaiting(record), 0, StatusOf(record, 0, JobState.Cancelled));

        Assert.All(record.Jobs, job => Assert.Equal(BatchJobState.Stopped, job.State));
        Assert.Equal(BatchStep.Write, BatchRules.Next(record));
        Assert.Equal(BatchState.Cancelled, BatchRules.Written(record, new(0, 2, null, NewId.File()), Start).State);
    }

    [Fact]
    public void Batch_WhoseTimeIsOver_ExpiresWithWhatIsThere()
    {
        var record = Begun(1);
        record = BatchRules.Submitted(record, 0, Accepted(record, 0));
        Assert.Same(record, BatchRules.Age(record, Start + Spec.Window - TimeSpan.FromTicks(1)));

        record = BatchRules.Age(record, Start + Spec.Window);
        Assert.Equal((true, BatchStep.Stop), (record.TimedOut, BatchRules.Next(record)));

        record = BatchRules.Written(BatchRules.Heard(record, 0, StatusOf(record, 0, JobState.Cancelled)), new(1, 1, NewId.File(), NewId.File()), Start + Spec.Window);
        Assert.Equal((BatchState.Expired, Start + Spec.Window), (record.State, record.Times.ExpiredAt));
    }

    [Fact]
    public void Job_WhoseDeadlineIsOver_IsLate_AndOneThatTheGridRefusesAnswersItsCalls()
    {
        var record = Begun(3);
        record = BatchRules.Submitted(record, 0, Accepted(record, 0));
        record = BatchRules.Heard(record, 0, StatusOf(record, 0, JobState.Failed) with { Deadline = Start, FinishedAt = Start });
        record = BatchRules.Submitted(record, 1, new() { Errors = [new("deadline", "unmeetable", "Too soon.")] });
        record = BatchRules.Submitted(record, 2, new() { Errors = [new("", "overloaded", "Full.")], RetryAfter = TimeSpan.FromSeconds(1) });

        Assert.Equal([BatchJobState.Late, BatchJobState.Refused, BatchJobState.Waiting], record.Jobs.Select(j => j.State));
        Assert.Equal((504, "Too soon."), (record.Jobs[1].Status, record.Jobs[1].Error));
    }

    [Fact]
    public void Status_WhileJobsRun_CountsClosedShards()
    {
        var record = Begun(1) with { Total = 11, Refused = 1 };
        record = BatchRules.Submitted(record, 0, Accepted(record, 0));
        var job = StatusOf(record, 0, JobState.Running) with { Inputs = 10, Shards = 5, ShardsAccepted = 2, ShardsFailed = 1, InputsFailed = 2, QueueReason = "No node." };

        var status = BatchRules.ToStatus(NewId.Batch(), record, [job]);

        Assert.Equal((11, 4, 3, "No node."), (status.Total, status.Completed, status.Failed, status.QueueReason));
    }

    /// <summary>Whatever happens in whatever order: terminal states stay, counts are those of the files, and the states' times are in order.</summary>
    [Fact]
    public void Batch_WhateverHappens_GoesForwardAndStaysWhereItEnds()
    {
        var steps = Gen.Choose(0, 9).ListOf(40).ToArbitrary();
        Prop.ForAll(steps, list =>
        {
            var (record, now) = (BatchRules.Accept(Spec, Start), Start);
            foreach (var step in list)
            {
                now += TimeSpan.FromMinutes(step == 9 ? 30 : 1);
                var next = Happen(record, step, now);
                if (BatchRules.IsTerminal(record.State))
                {
                    Assert.Same(record, next);
                }

                Assert.True(RankOf(next.State) >= RankOf(record.State), $"{record.State} -> {next.State}");
                Assert.Equal(BatchRules.IsTerminal(next.State), BatchRules.Next(next) == BatchStep.None);
                record = next;
            }

            DateTimeOffset?[] times = [record.Times.CreatedAt, record.Times.InProgressAt, record.Times.FinalizingAt, record.Times.CompletedAt];
            Assert.Equal(times.OfType<DateTimeOffset>().Order(), times.OfType<DateTimeOffset>());
        }).QuickCheckThrowOnFailure();
    }

    private static BatchRecord Happen(BatchRecord record, int step, DateTimeOffset now) => step switch
    {
        0 => BatchRules.Begin(record, Plan(2), now),
        1 => BatchRules.Fail(record, [new("x", "x")], now),
        2 => BatchRules.Cancel(record, now),
        3 or 4 when record.Jobs.Count > 0 => BatchRules.Submitted(record, step - 3, Accepted(record, step - 3)),
        5 or 6 when record.Jobs.Count > 0 => BatchRules.Heard(record, step - 5, StatusOf(record, step - 5, now.Minute % 2 == 0 ? JobState.Completed : JobState.Cancelled)),
        7 when BatchRules.Next(record) == BatchStep.Stop => BatchRules.StopWaiting(record),
        8 when BatchRules.Next(record) == BatchStep.Write => BatchRules.Written(record, new(1, 1, NewId.File(), NewId.File()), now),
        9 => BatchRules.Age(record, now),
        _ => BatchRules.Finalize(record, now),
    };

    private static int RankOf(BatchState state) => state switch
    {
        BatchState.Validating => 0,
        BatchState.InProgress => 1,
        BatchState.Finalizing or BatchState.Cancelling => 2,
        BatchState.Failed or BatchState.Completed or BatchState.Expired or BatchState.Cancelled => 3,
    };

    private static BatchRecord Begun(int jobs) => BatchRules.Begin(BatchRules.Accept(Spec, Start), Plan(jobs), Start);

    private static BatchPlan Plan(int jobs) => new(
        [], jobs, 0, [], [.. Enumerable.Range(0, jobs).Select(_ => new BatchJob { Id = NewId.Job(), Model = new("m", "1"), Policy = VerificationPolicy.None, Inputs = 1 })]);

    private static JobAdmission Accepted(BatchRecord record, int job) => new() { Accepted = StatusOf(record, job, JobState.Running) };

    private static JobStatus StatusOf(BatchRecord record, int job, JobState state) =>
        new() { Id = record.Jobs[job].Id, State = state, Model = record.Jobs[job].Model, Policy = VerificationPolicy.None };
}
