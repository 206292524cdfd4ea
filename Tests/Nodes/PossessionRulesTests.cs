using PiGrid.Grains.Nodes;
using PiGrid.Protocol;

namespace PiGrid.Tests.Nodes;

/// <summary>Challenges to prove a model, as rules and as bytes.</summary>
public class PossessionRulesTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly NodeOptions Options = new() { ModelProofsMax = 2 };
    private static readonly Sha256 Right = Digest(100), Wrong = Digest(101);
    private static readonly byte[] Nonce = Bytes(1), Other = Bytes(2);

    [Fact]
    public void Model_WhenUsed_IsDueOnce()
    {
        var used = PossessionRules.Use(NodePresence.Away, Model(1), Start, Options);
        Assert.Equal(Model(1), PossessionRules.Due(used, Start, Options));

        var asked = PossessionRules.Ask(used, Model(1), Nonce, Right, Start);
        Assert.Null(PossessionRules.Due(PossessionRules.Use(asked, Model(1), Start, Options), Start, Options));
    }

    [Fact]
    public void Model_WhenAnAnswerIsAwaited_IsNotDueBesideIt()
    {
        var both = PossessionRules.Use(Asked(1), Model(2), Start, Options);

        Assert.Null(PossessionRules.Due(both, Start, Options));
        Assert.Equal(Model(2), PossessionRules.Due(both, Start + Options.AcceptTimeout, Options));
    }

    [Fact]
    public void Answer_WhenRight_HoldsForThePeriod()
    {
        var proven = Answer(Asked(1), Nonce, Right).Presence;

        Assert.Null(PossessionRules.Due(Use(proven, Options.ModelProofPeriod - TimeSpan.FromTicks(1)), Start, Options));
        Assert.Equal(Model(1), PossessionRules.Due(Use(proven, Options.ModelProofPeriod), Start, Options));
        Assert.False(PossessionRules.IsRefuted(proven, Model(1).Sha256));
    }

    [Fact]
    public void Answer_WhenWrong_CountsAgainstTheNodeOnce()
    {
        var refuted = Answer(Asked(1), Nonce, Wrong);

        Assert.True(PossessionRules.IsRefuted(refuted.Presence, Model(1).Sha256));
        Assert.Equal(1, refuted.Standing.Tally.Invalid);
        Assert.Equal(refuted.Presence, PossessionRules.Answer(refuted.Presence, refuted.Standing, Nonce, Right, Start).Presence);
    }

    [Fact]
    public void Answer_WithAnotherNonce_ChangesNothing()
    {
        var asked = Asked(1);
        Assert.Equal(asked, Answer(asked, Other, Wrong).Presence);
    }

    [Fact]
    public void Node_WhenItDoesNotAnswerOrHasTheModelNoMore_IsNotBlamed()
    {
        var gone = Answer(Asked(1), Nonce, null);

        Assert.False(PossessionRules.IsRefuted(gone.Presence, Model(1).Sha256));
        Assert.False(PossessionRules.IsRefuted(Asked(1), Model(1).Sha256));
        Assert.Equal(0, gone.Standing.Tally.Invalid);
    }

    [Fact]
    public void Session_WhenNew_AsksAgainWhatWasNotAnsweredOrWrong()
    {
        var refuted = Answer(Asked(1), Nonce, Wrong).Presence;
        var again = refuted with { Possessions = PossessionRules.AskAgain(refuted) };
        var lost = Asked(1) with { Possessions = PossessionRules.AskAgain(Asked(1)) };
        var proven = Answer(Asked(1), Nonce, Right).Presence;

        Assert.Equal(Model(1), PossessionRules.Due(again, Start, Options));
        Assert.Equal(Model(1), PossessionRules.Due(lost, Start, Options));
        Assert.Equal(proven.Possessions, PossessionRules.AskAgain(proven));
    }

    [Fact]
    public void Models_WhenMoreThanTheLimit_ForgetTheOldest()
    {
        var presence = NodePresence.Away;
        for (var i = 1; i <= 3; i++)
        {
            presence = PossessionRules.Use(presence, Model(i), Start.AddSeconds(i), Options);
        }

        Assert.Equal([Model(2), Model(3)], presence.Possessions.Values.Select(p => p.Model).OrderBy(m => m.Size));
    }

    [Fact]
    public async Task Answer_ForKnownBytes_IsTheDocumentedDigest()
    {
        // Made with another program: printf 'pigrid-model-proof/1', 32 zero bytes, then offset 2 and length 3 in big-endian, then "cde", through sha256sum.
        var challenge = new ModelChallenge { Model = Right, Nonce = new byte[32], Ranges = [new ByteRange(2, 3)] };
        using var file = new MemoryStream("abcdefgh"u8.ToArray());

        Assert.Equal("538ef1dc3d084b8011ed268ecbd1df3ca07faea53795541485c4e98a98d8d620", (await challenge.AnswerAsync(file, default)).Value);
    }

    [Fact]
    public async Task Answer_WhenARangeIsBeyondTheFile_Fails()
    {
        var challenge = new ModelChallenge { Model = Right, Nonce = new byte[32], Ranges = [new ByteRange(6, 3)] };
        using var file = new MemoryStream("abcdefgh"u8.ToArray());

        await Assert.ThrowsAsync<EndOfStreamException>(() => challenge.AnswerAsync(file, default));
    }

    [Theory]
    [InlineData(32, 0, 1, null)]
    [InlineData(31, 0, 1, "nonce")]
    [InlineData(32, -1, 1, "range")]
    [InlineData(32, 0, 0, "range")]
    [InlineData(32, 0, (4 << 20) + 1, "range")]
    public void Challenge_WhenOutOfBounds_SaysWhy(int nonce, long offset, int length, string? expected)
    {
        var problem = new ModelChallenge { Model = Right, Nonce = new byte[nonce], Ranges = [new ByteRange(offset, length)] }.Problem;

        Assert.Equal(expected is null, problem is null);
        Assert.Contains(expected ?? "", problem ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Challenge_WithTooMuch_SaysWhy()
    {
        var many = new ModelChallenge { Model = Right, Nonce = new byte[32], Ranges = [.. Enumerable.Repeat(new ByteRange(0, 1), 65)] };
        var large = many with { Ranges = [new ByteRange(0, 3 << 20), new ByteRange(0, 3 << 20)] };

        Assert.Contains("65 ranges", many.Problem, StringComparison.Ordinal);
        Assert.Contains("more than", large.Problem, StringComparison.Ordinal);
    }

    private static NodePresence Asked(int model) =>
        PossessionRules.Ask(PossessionRules.Use(NodePresence.Away, Model(model), Start, Options), Model(model), Nonce, Right, Start);

    private static NodeStep Answer(NodePresence presence, byte[] nonce, Sha256? digest) =>
        PossessionRules.Answer(presence, new NodeStanding(), nonce, digest, Start);

    private static NodePresence Use(NodePresence presence, TimeSpan after) => PossessionRules.Use(presence, Model(1), Start + after, Options);

    private static BlobRef Model(int number) => new(Digest((byte)number), number);

    private static Sha256 Digest(byte first) => Sha256.Of([first]);

    private static byte[] Bytes(byte value) => [.. Enumerable.Repeat(value, ModelChallenge.NonceLength)];
}
