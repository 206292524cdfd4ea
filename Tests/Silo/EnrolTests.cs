using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using PiGrid.Api;
using PiGrid.Protocol;

namespace PiGrid.Tests.Silo;

public sealed class EnrolTests : IAsyncLifetime
{
    private TestSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task Enrol_WithoutOwner_MakesEachNodeItsOwn()
    {
        await using var first = new TestNode(_silo);
        await using var second = new TestNode(_silo);

        var one = await first.EnrolAsync(_silo.Bootstrap.EnrolmentToken!);
        var two = await second.EnrolAsync(_silo.Bootstrap.EnrolmentToken!);

        Assert.Equal(first.Id, one.Node);
        Assert.False(one.Operator);
        Assert.NotEqual(one.Owner, two.Owner);
        Assert.Equal(one, await first.EnrolAsync(_silo.Bootstrap.EnrolmentToken!), SameAnswer);
    }

    [Fact]
    public async Task Enrol_WithTheSameTokenAndOwner_JoinsOneOwner()
    {
        var other = await _silo.CreateTokenAsync(CredentialKind.Enrolment);
        await using var first = new TestNode(_silo);
        await using var second = new TestNode(_silo);
        await using var third = new TestNode(_silo);

        var one = await first.EnrolAsync(_silo.Bootstrap.EnrolmentToken!, "Ada");
        var two = await second.EnrolAsync(_silo.Bootstrap.EnrolmentToken!, "Ada");
        var elsewhere = await third.EnrolAsync(other, "Ada");

        Assert.Equal(one.Owner, two.Owner);
        Assert.NotEqual(one.Owner, elsewhere.Owner);
    }

    [Fact]
    public async Task Enrol_WithTheOperatorsToken_MakesAnOperatorNode()
    {
        await using var node = new TestNode(_silo);

        Assert.True((await node.EnrolAsync(_silo.Bootstrap.OperatorNodeToken)).Operator);
    }

    [Fact]
    public async Task Enrol_WhenTheTokenIsUnknownRevokedOrAKey_IsRefused()
    {
        var revoked = await _silo.CreateAsync(CredentialKind.Enrolment);
        using var gone = await _silo.Http.DeleteAsync($"/api/tokens/{revoked.Info.Id}");
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);

        foreach (var token in new[] { "wrong", revoked.Secret, _silo.Bootstrap.OperatorKey })
        {
            await using var node = new TestNode(_silo);
            using var response = await node.PostEnrolAsync(node.EnrolRequest(token));
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            var error = await ErrorOf(response);
            Assert.Equal("unauthorized", error.Code);
            Assert.Contains("ask the grid's operator for one", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Enrol_WhenTheSignatureIsForged_IsRefused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var node = new TestNode(_silo);
        var token = _silo.Bootstrap.EnrolmentToken!;

        using var response = await node.PostEnrolAsync(
            node.EnrolRequest(token) with { Signature = Signatures.Sign(other, NodeProtocol.EnrolBytes(token)) });

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("bad_signature", (await ErrorOf(response)).Code);
    }

    [Fact]
    public async Task Enrol_WhenTheKeyOrTheNameIsMalformed_NamesTheField()
    {
        await using var node = new TestNode(_silo);
        var token = _silo.Bootstrap.EnrolmentToken!;
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        using var garbage = await node.PostEnrolAsync(node.EnrolRequest(token) with { PublicKey = [1, 2, 3] });
        using var otherCurve = await node.PostEnrolAsync(node.EnrolRequest(token) with { PublicKey = curve.ExportSubjectPublicKeyInfo() });
        using var trailing = await node.PostEnrolAsync(node.EnrolRequest(token) with { PublicKey = [.. node.PublicKey, 0] });
        using var name = await node.PostEnrolAsync(node.EnrolRequest(token, "a\nb"));

        Assert.Equal("public_key", (await ErrorOf(garbage)).Fields.Single().Field);
        Assert.Equal("public_key", (await ErrorOf(otherCurve)).Fields.Single().Field);
        Assert.Equal("public_key", (await ErrorOf(trailing)).Fields.Single().Field);
        Assert.Equal("owner", (await ErrorOf(name)).Fields.Single().Field);
    }

    [Fact]
    public async Task Enrol_WhenTheOwnerIsBanned_IsRefused()
    {
        await using var first = new TestNode(_silo);
        await using var second = new TestNode(_silo);
        var owner = (await first.EnrolAsync(_silo.Bootstrap.EnrolmentToken!, "Mallory")).Owner;
        await _silo.Grains.GetGrain<IOwnerGrain>(owner.Value).Ban("forged results");

        using var response = await second.PostEnrolAsync(second.EnrolRequest(_silo.Bootstrap.EnrolmentToken!, "Mallory"));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("forged results", (await ErrorOf(response)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enrol_WhenTheOptionIsOff_GivesNoTokenAndRevokesTheOldOne()
    {
        await using var silo = await TestSilo.StartAsync("--Silo:EnrolmentToken=false");
        Assert.Null(silo.Bootstrap.EnrolmentToken);
        Assert.DoesNotContain(await silo.Grains.GetGrain<IAccessGrain>(IAccessGrain.Key).List(), c => c.Kind == CredentialKind.Enrolment);
    }

    private static bool SameAnswer(EnrolResponse a, EnrolResponse b) =>
        (a.Node, a.Owner, a.Operator) == (b.Node, b.Owner, b.Operator) && a.GridKey.AsSpan().SequenceEqual(b.GridKey);

    private static async Task<ApiErrorDetail> ErrorOf(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<ApiError>(GridJson.Wire))!.Error;
}
