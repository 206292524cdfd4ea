using System.Text.Json;
using PiGrid.Api;
using PiGrid.Protocol;

namespace PiGrid.Tests.NodeAgent;

/// <summary>Members that are null are left out of messages, so what reads them must do without.</summary>
public sealed class AbsentMembersTests
{
    [Fact]
    public void Verdict_WithoutReason_IsRead()
    {
        var verdict = new VerdictMessage(NewId.Lease(), Verdict.Accepted, null);
        Assert.Equal(verdict, JsonSerializer.Deserialize<NodeMessage>(JsonSerializer.Serialize<NodeMessage>(verdict, GridJson.Wire), GridJson.Wire));
    }

    [Fact]
    public void Probe_WithoutReason_IsRead()
    {
        var probe = new ProviderProbe("cpu", true, null);
        Assert.Equal(probe, JsonSerializer.Deserialize<ProviderProbe>(JsonSerializer.Serialize(probe, GridJson.Wire), GridJson.Wire));
    }

    [Fact]
    public void Submission_WithoutId_IsRead() =>
        Assert.Null(JsonSerializer.Deserialize<SubmitJobRequest>("""{"spec":{"model":"a@1"}}""", GridJson.Wire)!.Id);

    [Theory]
    [InlineData("""{"type":"cancel","reason":"a"}""")]
    [InlineData("""{"type":"result_verdict","verdict":"accepted"}""")]
    [InlineData("""{"type":"welcome"}""")]
    public void Message_WithoutWhatItNeeds_IsRefused(string text) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<NodeMessage>(text, GridJson.Wire));
}
