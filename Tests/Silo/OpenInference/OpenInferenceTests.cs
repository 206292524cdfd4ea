using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PiGrid.Silo.Api.Inference;
using PiGrid.Tests.Inference;
using PiGrid.Verification;

namespace PiGrid.Tests.Silo.OpenInference;

/// <summary>The protocol from a client's first question to a node's answer.</summary>
public sealed class OpenInferenceTests(OpenInferenceGrid grid) : IClassFixture<OpenInferenceGrid>
{
    private const string None = ",\"parameters\":{\"policy\":\"none\"}";
    private const string Fp32 = "same-FP32";

    [Theory]
    [InlineData("BOOL", "[true,false]", "0100")]
    [InlineData("UINT8", "[0,255]", "00FF")]
    [InlineData("UINT16", "[1,65535]", "0100FFFF")]
    [InlineData("UINT32", "[1,4294967295]", "01000000FFFFFFFF")]
    [InlineData("UINT64", "[1,18446744073709551615]", "0100000000000000FFFFFFFFFFFFFFFF")]
    [InlineData("INT8", "[-128,127]", "807F")]
    [InlineData("INT16", "[-1,32767]", "FFFFFF7F")]
    [InlineData("INT32", "[-1,2147483647]", "FFFFFFFFFFFFFF7F")]
    [InlineData("INT64", "[-1,9223372036854775807]", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF7F")]
    [InlineData("FP16", "[1,-65504]", "003CFFFB")]
    [InlineData("FP32", "[1,-0.1]", "0000803FCDCCCCBD")]
    [InlineData("FP64", "[1,-0.1]", "000000000000F03F9A9999999999B9BF")]
    [InlineData("BF16", "[1,1.0078125]", "803F813F")]
    [InlineData("BYTES", """["é",{"b64":"/wA="}]""", "02000000C3A902000000FF00")]
    public async Task Infer_OfEachType_InJsonAndInBinary_GivesBackTheSame(string type, string data, string bytes)
    {
        var path = $"/v2/models/{OpenInferenceGrid.NameOf(type)}/infer";
        var (body, length) = Requests.Binary(("x", type, "[1,2]", Convert.FromHexString(bytes)));

        var json = await Answer.PostAsync(grid.Http, path, Requests.Json(type, "[1,2]", data, None));
        var binary = await Answer.PostAsync(grid.Http, path, Requests.Json(type, "[1,2]", data, ",\"parameters\":{\"policy\":\"none\",\"binary_data_output\":true}"));
        var sent = await Answer.PostAsync(grid.Http, path, body, (InferenceResponse.LengthHeader, $"{length}"));

        Assert.Equal(data, json.Output("y").GetProperty("data").GetRawText());
        Assert.Equal(bytes, Convert.ToHexString(binary.Binary));
        Assert.Equal(binary.Binary.Length, binary.Output("y").GetProperty("parameters").GetProperty("binary_data_size").GetInt32());
        Assert.Equal(data, sent.Output("y").GetProperty("data").GetRawText());
        Assert.Equal("[1,2]", sent.Output("y").GetProperty("shape").GetRawText());
        Assert.Equal(type, sent.Output("y").GetProperty("datatype").GetString());
    }

    [Fact]
    public async Task Infer_OfAPicture_GivesLabels()
    {
        var picture = Convert.ToBase64String(TestPictures.Png(2, 2, 8, 0, [4, 3, 2, 1]));
        var request = $$"""{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":[{"b64":"{{picture}}"}]}]{{None}}}""";

        var answer = await Answer.PostAsync(grid.Http, "/v2/models/grey/infer", request);

        Assert.Equal("[0,1]", answer.Output("class").GetProperty("data").GetRawText());
        Assert.Equal("[4,3]", answer.Output("score").GetProperty("data").GetRawText());
        Assert.Equal("""["0","1"]""", answer.Output("label").GetProperty("data").GetRawText());
        var noPicture = await Answer.PostAsync(grid.Http, "/v2/models/grey/infer", """{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["no picture"]}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, noPicture.Status);
    }

    [Fact]
    public async Task Infer_WithinReach_TellsReceiptAndTimes_InParametersAndHeaders()
    {
        var answer = await Answer.PostAsync(grid.Http, $"/v2/models/{Fp32}/infer", Requests.Json("FP32", "[1,2]", "[1,2]", None + ",\"id\":\"my 1\""));

        Assert.Equal(("my 1", Fp32, "2"), (answer.Json.GetProperty("id").GetString(), answer.Json.GetProperty("model_name").GetString(), answer.Json.GetProperty("model_version").GetString()));
        var parameters = answer.Json.GetProperty("parameters");
        var id = parameters.GetProperty("receipt").GetString();
        Assert.Equal(id, answer.Headers.GetValues("PiGrid-Receipt").Single());
        Assert.Equal("1", answer.Headers.GetValues("PiGrid-Replicas").Single());
        Assert.True(parameters.GetProperty("node_ms").GetDouble() >= parameters.GetProperty("model_ms").GetDouble());
        Assert.True(parameters.GetProperty("queue_ms").GetDouble() >= 0);
        var receipt = await grid.Http.GetFromJsonAsync<Receipt>($"/api/receipts/{id}", GridJson.Wire);
        Assert.True(Signatures.Verify(receipt!.Body.GridKey, CanonicalJson.Serialize(receipt.Body), receipt.Signature));
    }

    [Fact]
    public async Task Infer_OfRequestedOutputs_AnswersThoseInTheirOwnForm()
    {
        const string Wanted = """,{"name":"b","shape":[2],"datatype":"FP32","data":[3,4]}],"outputs":[{"name":"y","parameters":{"binary_data":true}}]""";
        var request = Requests.Json("FP32", "[2]", "[1,2]", None).Replace("\"x\"", "\"a\"", StringComparison.Ordinal).Replace("}]", "}" + Wanted, StringComparison.Ordinal);

        var answer = await Answer.PostAsync(grid.Http, "/v2/models/add/versions/1/infer", request);

        Assert.Equal("0000804000 00C040".Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(answer.Binary));
    }

    [Fact]
    public async Task Infer_WithAnIdempotencyKey_IsOneCall()
    {
        var body = Requests.Json("FP32", "[1,2]", "[1,2]", None);
        async Task<Answer> CallAsync(string key, string json) => await Answer.PostAsync(grid.Http, $"/v2/models/{Fp32}/infer", json, ("Idempotency-Key", key));

        var (first, again, other) = (await CallAsync("a", body), await CallAsync("a", body), await CallAsync("b", body));

        string ReceiptOf(Answer answer) => answer.Json.GetProperty("parameters").GetProperty("receipt").GetString()!;
        Assert.Equal(ReceiptOf(first), ReceiptOf(again));
        Assert.NotEqual(ReceiptOf(first), ReceiptOf(other));
        var reused = await CallAsync("a", Requests.Json("FP32", "[1,2]", "[3,4]", None));
        Assert.Equal(409, (int)reused.Status);
        Assert.Contains("idempotency key", reused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_OfOneInput_WhicheverWayItIsSent_IsOneCall()
    {
        var path = $"/v2/models/{Fp32}/infer";
        var (body, length) = Requests.Binary(("x", "FP32", "[1,2]", Convert.FromHexString("0000803F000000BF")));
        using var packed = new MemoryStream();
        await using (var packer = new GZipStream(packed, CompressionMode.Compress))
        {
            await packer.WriteAsync(body);
        }

        (string, string)[] headers = [("Idempotency-Key", "any-way"), (InferenceResponse.LengthHeader, $"{length}")];
        var binary = await Answer.PostAsync(grid.Http, path, body, headers);
        var json = await Answer.PostAsync(grid.Http, path, Requests.Json("FP32", "[1,2]", "[1,-0.5]"), headers[0]);
        var unpacked = await Answer.PostAsync(grid.Http, path, packed.ToArray(), [.. headers, ("Content-Encoding", "gzip")]);

        // Another input under the same key is refused.
        string ReceiptOf(Answer answer) => answer.Json.GetProperty("parameters").GetProperty("receipt").GetString()!;
        Assert.Equal([ReceiptOf(binary), ReceiptOf(binary)], [ReceiptOf(json), ReceiptOf(unpacked)]);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Infer_OfAPackedBody_IsUnpacked(string coding)
    {
        var (body, length) = Requests.Binary(("x", "FP32", "[1,2]", new byte[8]));
        using var packed = new MemoryStream();
        await using (Stream packer = coding == "gzip" ? new GZipStream(packed, CompressionMode.Compress) : new ZLibStream(packed, CompressionMode.Compress))
        {
            await packer.WriteAsync(body);
        }

        var answer = await Answer.PostAsync(
            grid.Http, $"/v2/models/{Fp32}/infer", packed.ToArray(), (InferenceResponse.LengthHeader, $"{length}"), ("Content-Encoding", coding));

        Assert.Equal("[0,0]", answer.Output("y").GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task Metadata_OfServerAndModels_IsWhatTheyAre()
    {
        var server = await Answer.GetAsync(grid.Http, "/v2");
        Assert.Equal("pigrid", server.Json.GetProperty("name").GetString());
        Assert.Contains("binary_tensor_data", server.Json.GetProperty("extensions").EnumerateArray().Select(e => e.GetString()));

        var model = await Answer.GetAsync(grid.Http, $"/v2/models/{Fp32}");
        Assert.Equal(
            """{"name":"same-FP32","versions":["2","1"],"platform":"onnx_onnxv1","inputs":[{"name":"x","datatype":"FP32","shape":[-1,2]}],"outputs":[{"name":"y","datatype":"FP32","shape":[-1,2]}]}""",
            model.Json.GetRawText());
        var grey = await Answer.GetAsync(grid.Http, "/v2/models/grey/versions/1");
        Assert.Equal("""[{"name":"image","datatype":"BYTES","shape":[1]}]""", grey.Json.GetProperty("inputs").GetRawText());
        Assert.Equal(["label", "score", "class"], grey.Json.GetProperty("outputs").EnumerateArray().Select(o => o.GetProperty("name").GetString()));

        var list = await Answer.GetAsync(grid.Http, "/v2/models");
        Assert.Contains(Fp32, list.Json.GetProperty("models").EnumerateArray().Select(m => m.GetString()));
    }

    [Fact]
    public async Task Health_NeedsNoKey_AndTheRestDoes()
    {
        using var stranger = grid.Silo.ClientWith(null);

        Assert.True((await Answer.GetAsync(stranger, "/v2/health/live")).Json.GetProperty("live").GetBoolean());
        Assert.True((await Answer.GetAsync(stranger, "/v2/health/ready")).Json.GetProperty("ready").GetBoolean());
        foreach (var path in new[] { "/v2", "/v2/models", $"/v2/models/{Fp32}", $"/v2/models/{Fp32}/ready", "/v2/models/stats" })
        {
            var refused = await Answer.GetAsync(stranger, path);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
            Assert.Contains("API key", refused.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/v2/models/{0}/ready", 200)]
    [InlineData("/v2/models/{0}/versions/1/ready", 200)]
    [InlineData("/v2/models/{0}/versions/9/ready", 404)]
    [InlineData("/v2/models/none/ready", 404)]
    [InlineData("/v2/models/none", 404)]
    [InlineData("/v2/models/no@ne", 404)]
    [InlineData("/v2/models/{0}/versions/9", 404)]
    [InlineData("/v2/models/{0}/config", 404)]
    [InlineData("/v2/models/{0}/versions/1/stats", 200)]
    [InlineData("/v2/models/none/stats", 404)]
    public async Task Models_ThatAreThere_AreFound(string path, int status)
    {
        var answer = await Answer.GetAsync(grid.Http, string.Format(System.Globalization.CultureInfo.InvariantCulture, path, Fp32));

        Assert.Equal(status, (int)answer.Status);
        Assert.Equal(status != 200, answer.Json.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String);
    }

    [Fact]
    public async Task Statistics_CountWhatWasAnswered_AndWhatWasNot()
    {
        var path = $"/v2/models/{OpenInferenceGrid.NameOf("INT64")}/versions/1";
        async Task<(long Success, long Fail)> CountsAsync()
        {
            var counted = (await Answer.GetAsync(grid.Http, $"{path}/stats")).Json.GetProperty("model_stats")[0].GetProperty("inference_stats");
            return (counted.GetProperty("success").GetProperty("count").GetInt64(), counted.GetProperty("fail").GetProperty("count").GetInt64());
        }

        var before = await CountsAsync();
        await Answer.PostAsync(grid.Http, $"{path}/infer", Requests.Json("INT64", "[1,2]", "[1,2]", None));
        await Answer.PostAsync(grid.Http, $"{path}/infer", "nonsense");
        var after = await CountsAsync();

        Assert.Equal((before.Success + 1, before.Fail + 1), after);
        var all = (await Answer.GetAsync(grid.Http, "/v2/models/stats")).Json.GetProperty("model_stats").EnumerateArray();
        Assert.Contains(all, m => m.GetProperty("name").GetString() == Fp32 && m.GetProperty("version").GetString() == "1");
    }

    [Theory]
    [InlineData("FP64", "[1,2]", "", "inputs[0].datatype: ")]
    [InlineData("FP32", "[2]", "", "inputs[0].shape: ")]
    [InlineData("FP32", "[2,1]", "", "inputs[0].shape: ")]
    [InlineData("FP32", "[1,2]", ",\"outputs\":[{\"name\":\"z\"}]", "outputs[0].name: ")]
    [InlineData("FP32", "[1,2]", ",\"parameters\":{\"polcy\":\"none\"}", "parameters.polcy: ")]
    [InlineData("FP32", "[1,2]", ",\"parameters\":{\"privacy_class\":\"eu\"}", "parameters.privacy_class: ")]
    [InlineData("FP32", "[1,2]", ",\"parameters\":{\"timeout_ms\":1000000000}", "timeout: ")]
    public async Task Request_ThatDoesNotFitTheModel_IsRefusedByTheField(string type, string shape, string more, string error)
    {
        var answer = await Answer.PostAsync(grid.Http, $"/v2/models/{Fp32}/infer", Requests.Json(type, shape, "[1,2]", more));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.StartsWith(error, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inputs_ThatAreMissingOrUnknown_AreNamed()
    {
        var missing = await Answer.PostAsync(grid.Http, "/v2/models/add/infer", Requests.Json("FP32", "[2]", "[1,2]").Replace("\"x\"", "\"a\"", StringComparison.Ordinal));
        var unknown = await Answer.PostAsync(grid.Http, "/v2/models/add/infer", Requests.Json("FP32", "[2]", "[1,2]"));

        Assert.StartsWith("inputs: 'b' (FP32 [2])", missing.Error, StringComparison.Ordinal);
        Assert.StartsWith("inputs[0].name: ", unknown.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("+5")]
    [InlineData("5, 5")]
    [InlineData("0x10")]
    [InlineData("")]
    [InlineData("99999999999999999999")]
    [InlineData("1000000")]
    public async Task JsonLength_ThatIsNone_IsRefused(string length)
    {
        var (body, _) = Requests.Binary(("x", "FP32", "[1,2]", new byte[8]));

        var answer = await Answer.PostAsync(grid.Http, $"/v2/models/{Fp32}/infer", body, (InferenceResponse.LengthHeader, length));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.StartsWith("Inference-Header-Content-Length: ", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nContent-Length: 6")]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked")]
    [InlineData("Content-Length: -1")]
    [InlineData("Transfer-Encoding: chunked, identity")]
    public async Task Body_WhoseLengthIsSaidTwice_SmugglesNothing(string lengths)
    {
        // Whoever reads the length otherwise would take the second request for its own.
        using var socket = await RawSocket.ConnectAsync(grid.Silo);
        await socket.SendAsync(
            $"POST /v2/models/{Fp32}/infer HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {grid.Silo.Bootstrap.OperatorKey}\r\n{lengths}\r\n\r\n"
            + "0\r\n\r\nGET /v2/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        var answer = await socket.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 4", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("\"live\"", answer, StringComparison.Ordinal);
    }
}
