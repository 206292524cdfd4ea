using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using PiGrid.Api;
using PiGrid.Grains.Security;
using PiGrid.Grains.Storage;

namespace PiGrid.Tests.Silo;

public sealed class NodeBlobTests : IAsyncLifetime
{
    private static readonly NodeId Node = NodeId.FromBytes(new byte[16]);

    private TestSilo _silo = null!;
    private IGridSigner _signer = null!;
    private BlobRef _granted = null!;
    private BlobRef _other = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync("--Jobs:OutputBytesMax=1024");
        _signer = _silo.Services.GetRequiredService<IGridSigner>();
        var blobs = _silo.Services.GetRequiredService<IBlobStore>();
        _granted = await blobs.PutBytesAsync(new byte[100_000], default);
        _other = await blobs.PutBytesAsync([1, 2, 3], default);
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task Get_UnderAGrant_OpensWhatItNamesAndNothingElse()
    {
        var token = Grant(DateTimeOffset.MaxValue);

        using var named = await SendAsync(HttpMethod.Get, _granted.Sha256, token);
        using var other = await SendAsync(HttpMethod.Get, _other.Sha256, token);
        using var part = await SendAsync(HttpMethod.Get, _granted.Sha256, token, range: new RangeHeaderValue(99_990, null));

        Assert.Equal(100_000, (await named.Content.ReadAsByteArrayAsync()).Length);
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        Assert.Equal((HttpStatusCode.PartialContent, 10L), (part.StatusCode, part.Content.Headers.ContentLength!.Value));
    }

    [Fact]
    public async Task Get_OfABlobWhoseBytesAreDamaged_GivesAClearErrorAndNotTheBytes()
    {
        var token = Grant(DateTimeOffset.MaxValue);
        var file = Directory.GetFiles(Path.Combine(_silo.Folder, "blobs"), _granted.Sha256.Value, SearchOption.AllDirectories).Single();
        using (var stream = File.OpenWrite(file))
        {
            stream.Position = 50_000;
            stream.WriteByte(1);
        }

        for (var i = 0; i < 2; i++)
        {
            using var damaged = await SendAsync(HttpMethod.Get, _granted.Sha256, token);
            Assert.Equal(HttpStatusCode.NotFound, damaged.StatusCode);
            var error = (await damaged.Content.ReadFromJsonAsync<ApiError>(GridJson.Wire))!.Error;
            Assert.Contains(_granted.Sha256.Value, error.Message, StringComparison.Ordinal);
        }

        Assert.Single(Directory.GetFiles(Path.Combine(_silo.Folder, "blobs", "damaged")));
        await _silo.Services.GetRequiredService<IBlobStore>().PutBytesAsync(new byte[100_000], default);
        using var healed = await SendAsync(HttpMethod.Get, _granted.Sha256, token);
        Assert.Equal(new byte[100_000], await healed.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Get_WithoutAValidGrant_OpensNothing()
    {
        using var elsewhere = TestSigner();
        var valid = Grant(DateTimeOffset.MaxValue);
        var forged = BlobGrant.For(Node, NewId.Lease(), DateTimeOffset.MaxValue, [_granted.Sha256]).ToToken(elsewhere);

        foreach (var token in new[] { null, "", "x", valid[..^2], "x" + valid, Grant(DateTimeOffset.UnixEpoch), forged })
        {
            using var response = await SendAsync(HttpMethod.Get, _granted.Sha256, token);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }

        using var withKey = await _silo.Http.GetAsync($"/node/blobs/{_granted.Sha256}");
        Assert.Equal(HttpStatusCode.Unauthorized, withKey.StatusCode);
    }

    [Fact]
    public async Task Put_UnderAGrant_TakesFewAndSmallOutputs()
    {
        var token = Grant(DateTimeOffset.MaxValue);
        var statuses = new List<HttpStatusCode>();
        for (byte i = 0; i < 4; i++)
        {
            using var response = await SendAsync(HttpMethod.Put, Sha256.Of([i]), token, [i]);
            statuses.Add(response.StatusCode);
        }

        using var again = await SendAsync(HttpMethod.Put, Sha256.Of([0]), token, [0]);
        using var large = await SendAsync(HttpMethod.Put, Sha256.Of(new byte[1025]), Grant(DateTimeOffset.MaxValue), new byte[1025]);
        using var wrong = await SendAsync(HttpMethod.Put, Sha256.Of([9]), Grant(DateTimeOffset.MaxValue), [8]);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Conflict], statuses);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
    }

    private static GridSigner TestSigner() => GridSigner.Open(Path.Combine(Directory.CreateTempSubdirectory("pigrid-key-").FullName, "grid.key"));

    private string Grant(DateTimeOffset end) => BlobGrant.For(Node, NewId.Lease(), end, [_granted.Sha256]).ToToken(_signer);

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Sha256 digest, string? token, byte[]? body = null, RangeHeaderValue? range = null)
    {
        using var http = _silo.ClientWith(null);
        using var request = new HttpRequestMessage(method, $"/node/blobs/{digest}");
        request.Content = body is null ? null : new ByteArrayContent(body);
        request.Headers.Range = range;
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Grant {token}");
        }

        return await http.SendAsync(request);
    }
}
