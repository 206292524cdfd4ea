using PiGrid.Tests.Verification;

namespace PiGrid.Tests.Inference.Batching;

/// <summary>What holds for any mix of inputs.</summary>
public class BatchProperties
{
    [Theory]
    [InlineData("classifier")]
    [InlineData("softmax")]
    [InlineData("sums")]
    [InlineData("twice")]
    [InlineData("one row")]
    [InlineData("roots")]
    public void Batch_OfAnyInputs_GivesWhatEachAloneGives(string model) => Dice.Check(60, dice =>
    {
        using var pipeline = BatchModels.Load(PipelineBatchTests.Model(model), new() { InputBytes = 600, Batch = 2 + dice.Below(20) });
        for (var i = 0; i < 4; i++)
        {
            var inputs = dice.Several(dice.Below(12), Input);
            PipelineBatchTests.AssertSame(pipeline, inputs, pipeline.RunBatch(inputs));
        }
    });

    private static byte[] Input(Dice dice) => dice.Below(8) switch
    {
        0 => [.. dice.Several(dice.Below(20), d => (byte)d.Below(256))],
        1 => new byte[600 + dice.Below(2)],
        2 => Manifests.Input(Manifests.Floats("x", [1, 3], 1, 2, 3)),
        3 => Manifests.Input(Manifests.Floats("x", [1, 4], 1, 2, 3, float.NaN)),
        4 => BatchModels.Input(0, 0, 0, 0),
        _ => BatchModels.Input(dice.Several(4 * dice.Below(4), d => (d.Below(200) - 20) / 8f)),
    };
}
