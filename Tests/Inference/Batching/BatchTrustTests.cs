using PiGrid.Inference.Batching;

namespace PiGrid.Tests.Inference.Batching;

/// <summary>When batches are compared, and when there are no more.</summary>
public class BatchTrustTests
{
    [Fact]
    public void Batches_UntilEightInputsAgreed_AreCompared()
    {
        var trust = new BatchTrust(16).Agreed(5);
        Assert.True(trust is { ChecksNext: true, IsProven: false });

        trust = trust.Agreed(0).Agreed(2);
        Assert.True(trust is { ChecksNext: true, IsProven: false });

        trust = trust.Agreed(1);
        Assert.True(trust is { ChecksNext: false, IsProven: true, Max: 16 });
    }

    [Fact]
    public void Batches_AfterThat_AreComparedOnceInSixtyFour()
    {
        var trust = new BatchTrust(16).Agreed(8);
        List<int> compared = [];
        for (var batch = 1; batch <= 200; batch++)
        {
            if (trust.ChecksNext)
            {
                compared.Add(batch);
            }

            trust = trust.ChecksNext ? trust.Agreed(2) : trust.Believed();
        }

        Assert.Equal([64, 128, 192], compared);
    }

    [Fact]
    public void Batches_ThatDisagreed_AreNoMore() => Assert.Equal(1, new BatchTrust(16).Agreed(8).Believed().Refuted().Agreed(8).Max);

    [Fact]
    public void Batches_ThatFail_BecomeSmaller()
    {
        var trust = new BatchTrust(16).Failed();
        Assert.Equal(8, trust.Max);

        Assert.Equal(1, trust.Failed().Failed().Failed().Failed().Max);
    }
}
