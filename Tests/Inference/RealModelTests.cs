using PiGrid.Verification;

namespace PiGrid.Tests.Inference;

/// <summary>What the test data's models find in its pictures, as a direct run with another program found it: misses too.</summary>
public class RealModelTests
{
    private const double PixelsMax = 2;
    private const double ScoreMax = 0.02;

    [TestDataTheory]
    [InlineData("yolox_nano", "dog.jpg", "dog 0.86 133,207,326,543; bicycle 0.80 55,137,572,423; car 0.80 466,78,692,171; truck 0.31 464,78,683,173")]
    [InlineData("yolox_nano", "person.jpg", "person 0.88 188,97,276,371; dog 0.87 62,263,200,348; horse 0.87 404,138,602,343")]
    [InlineData("yolox_nano", "coffee.png", "cup 0.90 162,16,421,294; diningtable 0.74 0,0,598,398")]
    [InlineData("yolox_nano", "chelsea.png", "cat 0.62 -13,-16,450,300")]
    [InlineData("yolox_nano", "astronaut.png", "person 0.93 11,20,369,507")]
    [InlineData("nanodet_m_320", "dog.jpg", "bicycle 0.62 133,159,566,443; car 0.48 461,75,700,168; dog 0.45 128,211,311,537; cat 0.37 129,214,307,545")]
    [InlineData("nanodet_m_320", "person.jpg", "person 0.76 190,95,272,376; horse 0.66 403,137,601,340; dog 0.56 69,263,197,345")]
    [InlineData("nanodet_m_320", "coffee.png", "cup 0.64 167,14,422,338; diningtable 0.47 0,5,539,391")]
    [InlineData("nanodet_m_320", "chelsea.png", "cat 0.69 0,-1,406,290")]
    [InlineData("nanodet_m_320", "astronaut.png", "person 0.68 11,10,358,508; bottle 0.37 0,0,80,256; bottle 0.37 383,-1,454,278")]
    public void Detector_OnRealPicture_FindsWhatADirectRunFinds(string model, string picture, string expected)
    {
        using var pipeline = RealModels.Load(model);

        var output = pipeline.Run(RealModels.Input($"photos/{picture}")).Output;
        var found = output.Detections!;
        Assert.Empty(OutputChecks.Check(new() { Items = [output] }, 1, PiGrid.Models.OutputKind.Detections));

        var actual = string.Join("; ", found.Select(d => FormattableString.Invariant($"{d.Label} {d.Score:0.000} {d.Box.X0:0.0},{d.Box.Y0:0.0},{d.Box.X1:0.0},{d.Box.Y1:0.0}")));
        var wanted = expected.Split("; ").Select(Parse).ToArray();
        Assert.True(wanted.Length == found.Count, actual);
        Assert.All(wanted, w => Assert.True(found.Any(d => IsNear(w, d)), $"{w} is not in {actual}"));
    }

    [TestDataTheory]
    [InlineData("chelsea.png", "Egyptian cat", 0.66)]
    [InlineData("coffee.png", "espresso", 0.84)]
    [InlineData("dog.jpg", "dogsled", 0.53)]
    public void Squeezenet_OnRealPicture_NamesWhatADirectRunNames(string picture, string label, double score)
    {
        using var pipeline = RealModels.Load("squeezenet");

        var best = pipeline.Run(RealModels.Input($"photos/{picture}")).Output.Labels!;

        Assert.Contains(label, best[0].Label, StringComparison.Ordinal);
        Assert.InRange(best[0].Score, score - ScoreMax, score + ScoreMax);
        Assert.Equal(5, best.Count);
        Assert.Equal(best.OrderByDescending(l => l.Score), best);
    }

    [TestDataTheory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    public void Mnist_OnHandwrittenDigit_ReadsIt(int digit)
    {
        using var pipeline = RealModels.Load("mnist");

        var best = pipeline.Run(RealModels.Input($"digits/{digit}.jpg")).Output.Labels!;

        Assert.Equal(digit, best[0].Class);
        Assert.Equal(digit.ToString(System.Globalization.CultureInfo.InvariantCulture), best[0].Label);
        Assert.InRange(best[0].Score, 0.5, 1);
    }

    [TestDataFact]
    public void Stories_FromOnceUponATime_WritesThePublishedTokens()
    {
        var published = File.ReadAllText(TestData.File("models/stories260k_greedy_tokens.txt")).Split(',').Select(t => int.Parse(t, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        using var pipeline = RealModels.Load("stories260k");

        var text = pipeline.Run("Once upon a time"u8).Output.Text!;

        Assert.Equal(published[5..], text.Tokens);
        Assert.StartsWith(", there was a little girl named Lily. She loved to play outside", text.Text, StringComparison.Ordinal);
    }

    private static Detection Parse(string text)
    {
        var parts = text.Split(' ');
        var sides = parts[2].Split(',').Select(s => double.Parse(s, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        return new(-1, parts[0], double.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), new(sides[0], sides[1], sides[2], sides[3]));
    }

    private static bool IsNear(Detection wanted, Detection found) =>
        wanted.Label == found.Label
        && Math.Abs(wanted.Score - found.Score) <= ScoreMax
        && new[]
        {
            wanted.Box.X0 - found.Box.X0, wanted.Box.Y0 - found.Box.Y0, wanted.Box.X1 - found.Box.X1, wanted.Box.Y1 - found.Box.Y1,
        }.All(d => Math.Abs(d) <= PixelsMax);
}
