using System.Text;
using System.Text.Json;
using PiGrid.Models;
using PiGrid.Silo.Api.Inference;
using PiGrid.Verification;

namespace PiGrid.Tests.Silo.OpenInference;

public class InferenceResponseTests
{
    private static readonly InferenceRequest Request = new() { Id = "é", Inputs = [], Parameters = new Dictionary<string, object>() };

    [Theory]
    [InlineData("BOOL", "0100", "[true,false]")]
    [InlineData("UINT8", "00FF", "[0,255]")]
    [InlineData("UINT16", "0100FFFF", "[1,65535]")]
    [InlineData("UINT32", "01000000FFFFFFFF", "[1,4294967295]")]
    [InlineData("UINT64", "0100000000000000FFFFFFFFFFFFFFFF", "[1,18446744073709551615]")]
    [InlineData("INT8", "807F", "[-128,127]")]
    [InlineData("INT16", "FFFFFF7F", "[-1,32767]")]
    [InlineData("INT32", "FFFFFFFFFFFFFF7F", "[-1,2147483647]")]
    [InlineData("INT64", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF7F", "[-1,9223372036854775807]")]
    [InlineData("FP16", "003CFFFB", "[1,-65504]")]
    [InlineData("FP32", "0000803F0000C07F", "[1,null]")]
    [InlineData("FP64", "000000000000F03FA0C8EB85F3CCE17F", "[1,1E+308]")]
    [InlineData("BF16", "803F813F", "[1,1.0078125]")]
    [InlineData("FP16", "00000080", "[0,-0.0]")]
    [InlineData("FP32", "0000000000000080", "[0,-0.0]")]
    [InlineData("FP64", "0000000000000080000000000000F07F", "[-0.0,null]")]
    [InlineData("BF16", "00000080", "[0,-0.0]")]
    [InlineData("BYTES", "02000000C3A901000000FF", """["é",{"b64":"/w=="}]""")]
    public void Output_OfEachType_IsWrittenInJson(string type, string bytes, string data)
    {
        var tensor = new AnswerTensor("y", ElementTypes.Parse(type)!.Value, [2], Convert.FromHexString(bytes));

        var json = Encoding.UTF8.GetString(Write((tensor, false)).Json.Span);

        Assert.Contains($$"""{"name":"y","datatype":"{{type}}","shape":[2],"data":{{data}}}""", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Answer_EchoesTheId_AndSaysWhatTheGridKnows()
    {
        using var document = JsonDocument.Parse(Write().Json);
        var (root, parameters) = (document.RootElement, document.RootElement.GetProperty("parameters"));

        Assert.Equal(("é", "m", "7"), (root.GetProperty("id").GetString(), root.GetProperty("model_name").GetString(), root.GetProperty("model_version").GetString()));
        Assert.Equal(3, parameters.GetProperty("replicas").GetInt32());
        Assert.Equal(0.5, parameters.GetProperty("credibility").GetDouble());
        Assert.Equal(1.235, parameters.GetProperty("queue_ms").GetDouble());
        Assert.False(parameters.TryGetProperty("receipt", out _));
    }

    [Fact]
    public void BinaryOutputs_FollowTheJsonInTheirOrder()
    {
        AnswerTensor a = new("a", ElementType.Int8, [1], [1]), b = new("b", ElementType.Int8, [2], [2, 3]), c = new("c", ElementType.Int8, [1], [4]);

        var response = Write((a, true), (b, false), (c, true));

        Assert.Equal([[1], [4]], response.Binary);
        Assert.Contains("""{"name":"c","datatype":"INT8","shape":[1],"parameters":{"binary_data_size":1}}""", Encoding.UTF8.GetString(response.Json.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_Detections_AndText_AreTheTensorsThatTheMetadataNames()
    {
        AssertAsDescribed(Inference.Manifests.Labels, new() { Labels = [new(3, "cat", 0.5)] }, "label", "score", "class");
        AssertAsDescribed(Inference.Manifests.Detections, new() { Detections = [new(3, "cat", 0.5, new(1, 2, 3, 4)), new(4, "dog", 0.25, new(5, 6, 7, 8))] }, "label", "score", "class", "boxes");
        AssertAsDescribed(Inference.Manifests.Text, new() { Text = new([1, 2], "once") }, "text", "tokens");
    }

    private static void AssertAsDescribed(ModelManifest manifest, ItemOutput output, params string[] names)
    {
        var view = ModelView.Of(new() { Ref = manifest.Ref, State = ModelState.Ready, PublishedAt = default, Manifest = manifest, ManifestDigest = default });
        var tensors = AnswerTensors.Of(output);

        Assert.Equal(names, tensors.Select(t => t.Name));
        Assert.Equal(view.Outputs!.Select(o => (o.Name, o.Type, o.Shape.Count)), tensors.Select(t => (t.Name, t.Type, t.Shape.Count)));
        foreach (var tensor in tensors.Where(t => t.Type != ElementType.Bytes))
        {
            Assert.Equal(tensor.Shape.Aggregate(1L, (p, s) => p * s) * 4, tensor.Data.Length);
        }
    }

    private static InferenceResponse Write(params (AnswerTensor, bool)[] outputs) => InferenceResponse.Write(
        Request, new("m", "7"), new() { Output = new(), Replicas = 3, Credibility = 0.5, QueueMs = 1.23456 }, outputs);
}
