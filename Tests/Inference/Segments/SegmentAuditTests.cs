using System.Text;
using System.Text.Json;
using PiGrid.Inference.Segments;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference.Segments;

/// <summary>Nodes that are honest, and nodes that are not, before an audit of some segments.</summary>
public sealed class SegmentAuditTests : IDisposable
{
    private static readonly byte[] Input = StreetModel.Picture("bus-stop.jpg");
    private readonly SegmentPlan _plan = StreetModel.Plan;
    private readonly SegmentProver _prover = new(StreetModel.Manifest, StreetModel.Files, StreetModel.Plan);
    private readonly SegmentVerifier _verifier = new(StreetModel.Manifest, StreetModel.Files, StreetModel.Plan, draws: 1);

    public void Dispose()
    {
        _prover.Dispose();
        _verifier.Dispose();
    }

    [Fact]
    public void Audit_OfAnHonestNode_FindsNothingInAnySegment()
    {
        var (output, commitment) = _prover.Run(Input);

        for (var segment = 0; segment < _plan.Segments.Count; segment++)
        {
            var challenge = CanonicalJson.Serialize(new SegmentChallenge { Segments = [segment] });
            var finding = _verifier.Verify(Claim(output, commitment, challenge, _prover.Prove(Input, challenge)));

            Assert.Null(finding.Reason);
            Assert.Equal(Agreement.Agree, finding.Agreement);
            Assert.Equal(_plan.Segments[segment].Share, finding.Checked, 6);
        }
    }

    [Fact]
    public void Output_OfACommittedRun_IsThatOfAPlainRun()
    {
        using var rerun = new RerunVerifier(StreetModel.Manifest, StreetModel.Files);
        var finding = rerun.Verify(new() { Input = Input, Output = _prover.Run(Input).Output });

        Assert.Equal(new VerifierFinding(Agreement.Agree, null, 1), finding);
        Assert.Equal(Agreement.Disagree, rerun.Verify(new() { Input = Input, Output = new() { Detections = [] } }).Agreement);
    }

    [Fact]
    public void Cheat_InOneSegment_IsFoundThereAndOnlyThere()
    {
        // The node makes up the tensors behind segment 2 and computes everything else honestly from them.
        var (tensors, output) = ForgedRun.Of(_prover, Input, 2, 1.5f);

        for (var segment = 0; segment < _plan.Segments.Count; segment++)
        {
            var finding = Audit(tensors, output, segment);
            Assert.Equal(segment == 2 ? Agreement.Disagree : Agreement.Agree, finding.Agreement);
        }
    }

    [Fact]
    public void Cheat_WithACachedAnswer_IsFoundWhereItJoinsTheRealInput()
    {
        var other = _prover.Tensors(_prover.Prepare(StreetModel.Picture("junction.jpg")));
        var output = _prover.Run(StreetModel.Picture("junction.jpg")).Output;

        Assert.Contains("is not that of the job's input", Audit(other, output, 0).Reason!, StringComparison.Ordinal);

        // With the real input in front of the other picture's tensors it is the first segment that does not compute.
        foreach (var input in _prover.Prepare(Input))
        {
            other[input.Name] = input;
        }

        Assert.Contains("Segment 0 of", Audit(other, output, 0).Reason!, StringComparison.Ordinal);
    }

    [Fact]
    public void Cheat_WithOtherWeights_IsFoundInEverySegmentThatHasThem()
    {
        var files = StreetModel.Files with { Model = Weights.Scaled(StreetModel.Files.Model!, 1.05f) };
        using var cheat = new SegmentProver(StreetModel.Manifest, files, _plan);
        var (output, commitment) = cheat.Run(Input);

        for (var segment = 0; segment < _plan.Segments.Count; segment++)
        {
            var challenge = CanonicalJson.Serialize(new SegmentChallenge { Segments = [segment] });
            Assert.Equal(Agreement.Disagree, _verifier.Verify(Claim(output, commitment, challenge, cheat.Prove(Input, challenge))).Agreement);
        }
    }

    [Fact]
    public void Cheat_WithAnotherOutputThanTheTensorsMake_IsAlwaysFound()
    {
        var tensors = _prover.Tensors(_prover.Prepare(Input));

        Assert.Contains("signed output", Audit(tensors, new() { Detections = [] }, 1).Reason!, StringComparison.Ordinal);
    }

    [Fact]
    public void Opening_WithATensorThatWasNotCommittedTo_IsRefused()
    {
        var (output, commitment) = _prover.Run(Input);
        var challenge = CanonicalJson.Serialize(new SegmentChallenge { Segments = [1] });
        var opening = JsonSerializer.Deserialize<SegmentOpening>(_prover.Prove(Input, challenge), GridJson.Wire)!;
        var swapped = opening with { Tensors = opening.Tensors.Select((t, i) => i == 0 ? ForgedRun.Scaled(t, 1.0001f) : t).ToArray() };

        Assert.Contains("committed itself to", Verify(swapped).Reason!, StringComparison.Ordinal);
        Assert.Contains("other tensors", Verify(opening with { Tensors = opening.Tensors.Skip(1).ToArray() }).Reason!, StringComparison.Ordinal);
        Assert.Contains("NaN", Verify(opening with { Tensors = opening.Tensors.Select(t => ForgedRun.Scaled(t, float.NaN)).ToArray() }).Reason!, StringComparison.Ordinal);
        VerifierFinding Verify(SegmentOpening forged) =>
            _verifier.Verify(Claim(output, commitment, challenge, JsonSerializer.SerializeToUtf8Bytes(forged, GridJson.Wire)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"tensors\":null}")]
    [InlineData("{\"tensors\":[null]}")]
    public void Opening_ThatIsNone_IsAFindingAndNoException(string evidence)
    {
        var (output, commitment) = _prover.Run(Input);
        var challenge = _verifier.Challenge(commitment, [1]);

        Assert.Equal(Agreement.Disagree, _verifier.Verify(Claim(output, commitment, challenge, Encoding.UTF8.GetBytes(evidence))).Agreement);
        Assert.Equal(Agreement.Disagree, _verifier.Verify(Claim(output, Encoding.UTF8.GetBytes(evidence), challenge, _prover.Prove(Input, challenge))).Agreement);
    }

    [Fact]
    public void Challenge_OfASegmentThatIsNone_IsRefusedByTheNode() =>
        Assert.Throws<JsonException>(() => _prover.Prove(Input, CanonicalJson.Serialize(new SegmentChallenge { Segments = [99] })));

    private VerifierFinding Audit(Dictionary<string, TensorData> tensors, ItemOutput output, int segment)
    {
        var challenge = new SegmentChallenge { Segments = [segment] };
        return _verifier.Verify(Claim(
            output, CanonicalJson.Serialize(_prover.Commit(tensors)), CanonicalJson.Serialize(challenge),
            JsonSerializer.SerializeToUtf8Bytes(_prover.Open(challenge, tensors), GridJson.Wire)));
    }

    private static ResultClaim Claim(ItemOutput output, byte[] commitment, byte[] challenge, byte[] evidence) =>
        new() { Input = Input, Output = output, Commitment = commitment, Challenge = challenge, Evidence = evidence };
}
