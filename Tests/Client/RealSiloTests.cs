using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using PiGrid.Api;
using PiGrid.Client;
using PiGrid.Models;

namespace PiGrid.Tests.Client;

/// <summary>The library and the command against the built silo, without any node.</summary>
public sealed class RealSiloTests(SiloFixture silo) : IClassFixture<SiloFixture>, IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Upload_WhenRepeated_KeepsTheBytesAndSendsThemOnce()
    {
        var bytes = RandomNumberGenerator.GetBytes(300_000);

        Assert.False(await silo.Client.HasBlobAsync(Sha256.Of(bytes)));
        var first = await silo.Client.UploadAsync(bytes);
        var second = await silo.Client.UploadFileAsync(WriteBytes("again", bytes));
        await using var stream = await silo.Client.OpenBlobAsync(first.Sha256);
        using var read = new MemoryStream();
        await stream.CopyToAsync(read);

        Assert.Equal(first, second);
        Assert.Equal(bytes, read.ToArray());
    }

    [Fact]
    public async Task Grid_WhenAsked_SaysItsEngineAndKey()
    {
        var info = await silo.Client.GetGridAsync();

        Assert.NotEmpty(info.Engine);
        Assert.InRange(info.GridKey.Length, 80, Signatures.PublicKeyMax);
    }

    [Fact]
    public async Task Submit_WhenModelIsUnknown_IsRefusedWithTheField()
    {
        var spec = new JobSpec { Model = new ModelRef("absent", "1"), Inputs = [new JobInput { Name = "x", Data = [1] }] };

        var error = await Assert.ThrowsAsync<GridApiException>(() => silo.Client.SubmitAsync(spec));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, error.Status);
        Assert.Contains(error.Fields, f => f.Field == "model");
    }

    [Fact]
    public async Task Watch_WhenThereIsNoSuchJob_IsRefused() =>
        await Assert.ThrowsAsync<GridApiException>(async () => await silo.Client.WatchAsync(NewId.Job()).ToListAsync());

    [Fact]
    public async Task Find_WhenThereIsNothing_IsNull()
    {
        Assert.Null(await silo.Client.FindJobAsync(NewId.Job()));
        Assert.Null(await silo.Client.FindModelAsync(new ModelRef("absent", "1")));
        Assert.Null(await silo.Client.FindNodeAsync(NodeId.FromBytes(new byte[16])));
        Assert.Null(await silo.Client.FindReceiptAsync(new ReceiptId(new ShardId(NewId.Job(), 0))));
    }

    [Fact]
    public async Task Token_WhenCreatedAndRevoked_WorksNoMore()
    {
        var made = await silo.Client.CreateTokenAsync(new CreateTokenRequest { Kind = CredentialKind.Developer, Name = "test" });
        using var developer = new GridClient(silo.Client.Grid, made.Secret);

        await developer.GetGridAsync();
        var forbidden = await Assert.ThrowsAsync<GridApiException>(() => developer.CreateTokenAsync(new CreateTokenRequest { Kind = CredentialKind.Operator, Name = "more" }));
        await silo.Client.RevokeTokenAsync(made.Info.Id);
        var unknown = await Assert.ThrowsAsync<GridApiException>(() => developer.GetGridAsync());

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized), (forbidden.Status, unknown.Status));
        Assert.Contains(await silo.Client.ListTokensAsync().ToListAsync(), t => t.Id == made.Info.Id && t.RevokedAt is not null);
    }

    [Fact]
    public async Task Publish_WhenNoOperatorNodeIsThere_StaysPendingAndListsSo()
    {
        var manifest = LayOutModel();

        var pushed = await RunAsync("model", "push", manifest, "--json");
        var listed = await RunAsync("model", "list");
        var shown = await RunAsync("model", "show", "tiny@1", "--json");

        Assert.Equal((0, 0, 0), (pushed.ExitCode, listed.ExitCode, shown.ExitCode));
        Assert.Equal(ModelState.Pending, JsonSerializer.Deserialize<ModelStatus>(pushed.Output, GridJson.Wire)!.State);
        Assert.Contains("tiny@1", listed.Output, StringComparison.Ordinal);
        Assert.Contains("pending", listed.Output, StringComparison.Ordinal);
        Assert.NotNull(JsonSerializer.Deserialize<ModelStatus>(shown.Output, GridJson.Wire)!.Manifest.Model!.Sha256);
    }

    [Fact]
    public async Task Command_WhenKeyIsWrong_ExitsWithThree()
    {
        var run = await ClientProgram.RunAsync(
            ["job", "list", "--json"],
            new Dictionary<string, string?> { ["PIGRID_URL"] = silo.Client.Grid.AbsoluteUri, ["PIGRID_KEY"] = "wrong" });

        using var answer = JsonDocument.Parse(run.Output);
        Assert.Equal(3, run.ExitCode);
        Assert.Equal("unauthorized", answer.RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("model", "show", "absent@1")]
    [InlineData("job", "watch", "j_aaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("job", "submit", "--model", "absent@1", "--text", "x")]
    [InlineData("node", "drain", "n_aaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Command_WhenTheGridRefuses_ExitsWithThree(params string[] arguments) =>
        Assert.Equal(3, (await RunAsync(arguments)).ExitCode);

    [Theory]
    [InlineData("jobs", "job", "list")]
    [InlineData("nodes", "node", "list")]
    [InlineData("tokens", "token", "list")]
    public async Task List_WhenJsonIsAsked_IsOneObject(string member, params string[] arguments)
    {
        var run = await RunAsync([.. arguments, "--json"]);

        using var answer = JsonDocument.Parse(run.Output);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(JsonValueKind.Array, answer.RootElement.GetProperty(member).ValueKind);
    }

    [Fact]
    public async Task List_WhenLinesAreAsked_IsAnObjectALine()
    {
        foreach (var name in new[] { "first", "second" })
        {
            await silo.Client.CreateTokenAsync(new CreateTokenRequest { Kind = CredentialKind.Enrolment, Name = name });
        }

        var lines = await RunAsync("token", "list", "--format", "ndjson");
        var json = await RunAsync("token", "list", "--format", "json");
        var table = await RunAsync("token", "list", "--format", "table");

        var tokens = lines.Output.Trim().Split('\n').Select(line => JsonSerializer.Deserialize<CredentialInfo>(line, GridJson.Wire)!).ToArray();
        Assert.Equal(["second", "first"], tokens.Take(2).Select(t => t.Name));
        using var answer = JsonDocument.Parse(json.Output);
        Assert.Equal(tokens.Length, answer.RootElement.GetProperty("tokens").GetArrayLength());
        Assert.Contains("second", table.Output, StringComparison.Ordinal);
    }

    private Task<ClientRun> RunAsync(params string[] arguments) => ClientProgram.RunAsync([.. arguments, "--bootstrap", silo.Bootstrap]);

    private string WriteBytes(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private string LayOutModel()
    {
        _folder.Write("tiny.onnx", "not looked at without an operator node");
        return _folder.Write("manifest.json", """
            {
              "schema": "pigrid-manifest/1", "name": "tiny", "version": "1", "publisher": "test", "licence": "Apache-2.0", "category": "vision",
              "model": {"file": "tiny.onnx"},
              "preprocess": {"kind": "tensors"}, "postprocess": {"kind": "tensors"}, "comparator": {"kind": "tensors"}
            }
            """);
    }
}
