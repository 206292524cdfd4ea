using FsCheck;
using FsCheck.Fluent;
using PiGrid.Grains.Jobs;

namespace PiGrid.Tests.Jobs;

/// <summary>What a job says of why it waits.</summary>
public sealed class QueueRulesTests
{
    [Fact]
    public void Reason_WhenTheShardThatGaveItGoesOn_IsThatOfAnotherThatWaits()
    {
        var waiting = QueueRules.Hear(QueueRules.Hear(QueueRules.None, 3, "busy"), 1, "no node");

        Assert.Equal("busy", QueueRules.ReasonOf(waiting));
        Assert.Equal("still busy", QueueRules.ReasonOf(QueueRules.Hear(waiting, 3, "still busy")));
        Assert.Equal("no node", QueueRules.ReasonOf(QueueRules.Hear(waiting, 3, null)));
        Assert.Null(QueueRules.ReasonOf(QueueRules.Hear(QueueRules.Hear(waiting, 3, null), 1, null)));
    }

    /// <summary>After any messages, the job waits exactly when a shard does, for the reason that this one gave last.</summary>
    [Fact]
    public void Reason_AfterAnyMessages_IsTheLastOneOfAShardThatWaits()
    {
        var messages = Gen.Choose(0, 3).Zip(Gen.Elements(null, "a", "b")).ListOf().ToArbitrary();
        Prop.ForAll(messages, heard =>
        {
            var waiting = QueueRules.None;
            foreach (var (shard, reason) in heard)
            {
                waiting = QueueRules.Hear(waiting, shard, reason);
            }

            var last = heard.GroupBy(m => m.Item1).Select(g => g.Last().Item2).OfType<string>().ToArray();
            Assert.Equal(last.Length, waiting.Count);
            Assert.Equal(last.Length == 0, QueueRules.ReasonOf(waiting) is null);
            Assert.All(waiting, w => Assert.Equal(w.Reason, heard.Last(m => m.Item1 == w.Shard).Item2));
        }).QuickCheckThrowOnFailure();
    }
}
