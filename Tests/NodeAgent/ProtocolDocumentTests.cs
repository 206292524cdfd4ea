using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Tests.NodeAgent;

/// <summary>docs/protocol.md is the contract: its examples are messages, and their signatures and digests are right.</summary>
public sealed partial class ProtocolDocumentTests
{
    internal static readonly Dictionary<string, string> Examples = Read();

    public static TheoryData<string> FromNodes() => [.. TypesOf(typeof(AgentMessage))];

    public static TheoryData<string> FromGrid() => [.. TypesOf(typeof(NodeMessage))];

    [Theory]
    [MemberData(nameof(FromNodes))]
    public void MessageOfANode_HasAnExampleThatSurvivesReading(string type) => Survives<AgentMessage>(Examples[type]);

    [Theory]
    [MemberData(nameof(FromGrid))]
    public void MessageOfTheGrid_HasAnExampleThatSurvivesReading(string type) => Survives<NodeMessage>(Examples[type]);

    [Fact]
    public void Enrolment_IsSignedByItsKey_WhichMakesTheNodesId()
    {
        var request = Parse<EnrolRequest>("enrol request");
        var answer = Parse<EnrolResponse>("enrol answer");
        Assert.True(Signatures.Verify(request.PublicKey, NodeProtocol.EnrolBytes(request.Token), request.Signature));
        Assert.Equal(answer.Node, Signatures.NodeIdOf(request.PublicKey));
    }

    [Fact]
    public void Proof_IsTheNodesSignatureOverTheStatementShown()
    {
        var proof = (ProveMessage)Parse<AgentMessage>("prove");
        var statement = Encoding.UTF8.GetBytes(Examples["proof statement"]);
        Assert.True(Signatures.Verify(NodeKey, statement, proof.Signature));
        Assert.Equal(statement, CanonicalJson.Serialize(JsonSerializer.Deserialize<ProofStatement>(statement, GridJson.Wire)));
    }

    [Fact]
    public void Assignment_IsSignedByTheGrid_AndNamesItsWork()
    {
        var assignment = ((AssignMessage)Parse<NodeMessage>("assign")).Assignment;
        Assert.True(Signatures.Verify(Parse<EnrolResponse>("enrol answer").GridKey, CanonicalJson.Serialize(assignment.Lease.Lease), assignment.Lease.Signature));
        Assert.Equal(assignment.Lease.Lease.Work, CanonicalJson.Digest(assignment.Order));
        Assert.Equal(assignment.Order.Inputs[0].Blob.Sha256, Sha256.Of(assignment.Inline[0]));
    }

    [Fact]
    public void Renewal_IsSignedByTheGrid_AndDiffersInItsDeadlineAlone()
    {
        var held = ((AssignMessage)Parse<NodeMessage>("assign")).Assignment.Lease.Lease;
        var renewed = ((RenewMessage)Parse<NodeMessage>("renew")).Lease;
        using var key = new VerifyingKey(Parse<EnrolResponse>("enrol answer").GridKey);
        Assert.Null(PiGrid.NodeAgent.Work.LeaseCheck.RefuseRenewal(renewed, held, key));
    }

    [Fact]
    public void Result_IsSignedByTheNode_AndNamesItsOutput()
    {
        var result = ((ResultMessage)Parse<AgentMessage>("result")).Result;
        var statement = Encoding.UTF8.GetBytes(Examples["result statement"]);
        Assert.Equal(statement, CanonicalJson.Serialize(result.Statement));
        Assert.True(Signatures.Verify(NodeKey, statement, result.Signature));
        Assert.Equal(Examples["output"], Encoding.UTF8.GetString(result.Output!));
        Assert.Equal(result.Statement.Output, Sha256.Of(result.Output!));
        Assert.NotNull(ShardOutput.TryParse(result.Output, out _));
    }

    [Fact]
    public void Opening_IsOfTheCommitmentInTheStatement()
    {
        var plan = Parse<SegmentPlan>("segment plan");
        var commitment = Parse<SegmentCommitment>("segment commitment");
        var statement = Parse<ResultStatement>("committed statement");
        var opening = Parse<ShardOutput>("opening");
        Assert.Equal(Examples["committed statement"], Encoding.UTF8.GetString(CanonicalJson.Serialize(statement)));
        Assert.True(statement.IsOfResult());
        Assert.Equal([CanonicalJson.Digest(commitment)], statement.Commitments);
        Assert.Equal(Examples["opening"], Encoding.UTF8.GetString(opening.ToCanonicalBytes()));
        var opened = Assert.Single(opening.Items).Opening!;
        Assert.Equal(CanonicalJson.Digest(commitment), CanonicalJson.Digest(opened.Commitment));
        var asked = SegmentRules.Asked(plan, new() { Segments = [1] }, ["scores"]);
        Assert.Null(SegmentRules.Problem(plan, commitment, asked, new() { Tensors = opened.Tensors }));
    }

    private static byte[] NodeKey => Parse<EnrolRequest>("enrol request").PublicKey;

    private static void Survives<T>(string example)
    {
        var after = CanonicalJson.Serialize(JsonSerializer.Deserialize<T>(example, GridJson.Wire));
        Assert.Equal(Encoding.UTF8.GetString(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(example))), Encoding.UTF8.GetString(after));
    }

    private static T Parse<T>(string name) => JsonSerializer.Deserialize<T>(Examples[name], GridJson.Wire)!;

    private static IEnumerable<string> TypesOf(Type message) => message
        .GetCustomAttributes(typeof(System.Text.Json.Serialization.JsonDerivedTypeAttribute), inherit: false)
        .Cast<System.Text.Json.Serialization.JsonDerivedTypeAttribute>().Select(a => (string)a.TypeDiscriminator!);

    // The first fenced block after each heading whose name stands in backticks.
    private static Dictionary<string, string> Read()
    {
        var text = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "docs", "protocol.md"));
        return Example().Matches(text).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["block"].Value.Trim());
    }

    [GeneratedRegex(@"^### `(?<name>[^`]+)`\r?\n(?:(?!^#).*\r?\n)*?```(?:json)?\r?\n(?<block>[\s\S]*?)```", RegexOptions.Multiline)]
    private static partial Regex Example();
}
