using System.Text;
using PiGrid.Silo.Api.Inference;

namespace PiGrid.Tests.Silo.OpenInference;

public class RequestReaderTests
{
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
    [InlineData("FP32", "[1,-0.5]", "0000803F000000BF")]
    [InlineData("FP64", "[1,1e308]", "000000000000F03FA0C8EB85F3CCE17F")]
    [InlineData("BF16", "[1,1.004]", "803F813F")]
    [InlineData("BYTES", """["é",{"b64":"/w=="}]""", "02000000C3A901000000FF")]
    public void Data_OfEachType_BecomeItsBytes(string type, string data, string bytes)
    {
        var tensor = Assert.Single(Requests.Read(Requests.Json(type, "[2]", data)).Inputs);

        Assert.Equal((type, bytes), (ElementTypes.NameOf(tensor.Type), Convert.ToHexString(tensor.Data.Span)));
    }

    [Theory]
    [InlineData("[2,3]", "[1,2,3,4,5,6]")]
    [InlineData("[2,3]", "[[1,2,3],[4,5,6]]")]
    [InlineData("[1,2,3]", "[[[1,2,3],[4,5,6]]]")]
    [InlineData("[6]", "[1,2,3,4,5,6]")]
    public void Data_FlatOrNestedAsTheShape_AreTheSame(string shape, string data)
    {
        var tensor = Assert.Single(Requests.Read(Requests.Json("UINT8", shape, data)).Inputs);

        Assert.Equal([1, 2, 3, 4, 5, 6], tensor.Data.ToArray());
    }

    [Theory]
    [InlineData("[]", "[7]", 1)]
    [InlineData("[0]", "[]", 0)]
    [InlineData("[2,0]", "[[],[]]", 0)]
    [InlineData("[0,5]", "[]", 0)]
    public void Shape_WithoutSizesOrWithZero_IsOne(string shape, string data, int bytes) =>
        Assert.Equal(bytes, Assert.Single(Requests.Read(Requests.Json("UINT8", shape, data)).Inputs).Data.Length);

    [Fact]
    public void Request_InAnyOrderOfMembers_IsReadWhole()
    {
        var request = Requests.Read(
            """
            {"parameters":{"policy":"none","n":3,"f":1.5,"t":true},
             "outputs":[{"parameters":{"binary_data":true},"name":"y"},{"name":"z"}],
             "inputs":[{"data":[1],"datatype":"INT8","unknown":{"a":[1]},"shape":[1],"name":"x"}],
             "model_name":"ignored","id":"é \u0041"}
            """);

        Assert.Equal("é A", request.Id);
        Assert.Equal([new("y", true), new("z", null)], request.Outputs);
        Assert.Equal(["policy", "n", "f", "t"], request.Parameters.Keys);
        Assert.Equal<object>(["none", 3L, 1.5, true], request.Parameters.Values);
        Assert.Equal(("x", ElementType.Int8), (request.Inputs[0].Name, request.Inputs[0].Type));
    }

    [Fact]
    public void BinaryInputs_LieInTheBodyItself()
    {
        var (body, length) = Requests.Binary(("a", "INT16", "[2]", [1, 0, 2, 0]), ("b", "BYTES", "[2]", [.. Requests.Element("é"), .. Requests.Element("")]));

        var request = RequestReader.Read(body, length);

        Assert.Equal([1, 0, 2, 0], request.Inputs[0].Data.ToArray());
        Assert.True(request.Inputs[0].Data.Span.Overlaps<byte>(body));
        Assert.Equal(10, request.Inputs[1].Data.Length);
    }

    [Theory]
    [InlineData("", "body")]
    [InlineData("[]", "body")]
    [InlineData("null", "body")]
    [InlineData("{", "body")]
    [InlineData("{}", "inputs")]
    [InlineData("""{"inputs":[]}""", "inputs")]
    [InlineData("""{"inputs":{}}""", "inputs")]
    [InlineData("""{"inputs":[1]}""", "inputs[0]")]
    [InlineData("""{"inputs":[],"inputs":[]}""", "inputs")]
    [InlineData("""{"id":3}""", "id")]
    [InlineData("""{"id":"\ud800"}""", "body")]
    [InlineData("""{"outputs":[{"name":"y"},{"name":"y"}]}""", "outputs[1].name")]
    [InlineData("""{"outputs":[{}]}""", "outputs[0].name")]
    [InlineData("""{"outputs":[{"name":"y","parameters":{"classification":3}}]}""", "outputs[0].parameters.classification")]
    [InlineData("""{"outputs":[{"name":"y","parameters":{"binary_data":1}}]}""", "outputs[0].parameters.binary_data")]
    [InlineData("""{"parameters":{"a":1,"a":2}}""", "parameters.a")]
    [InlineData("""{"parameters":{"a":[1]}}""", "parameters.a")]
    [InlineData("""{"parameters":{"a":null}}""", "parameters.a")]
    [InlineData("""{"inputs":[{"shape":[1],"datatype":"INT8","data":[1]}]}""", "inputs[0].name")]
    [InlineData("""{"inputs":[{"name":"x","datatype":"INT8","data":[1]}]}""", "inputs[0].shape")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1],"data":[1]}]}""", "inputs[0].datatype")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1],"datatype":"int8","data":[1]}]}""", "inputs[0].datatype")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1],"datatype":"INT8"}]}""", "inputs[0].data")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[1],"data":[1]}]}""", "inputs[0].data")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[1],"parameters":{"shared_memory_region":"r"}}]}""", "inputs[0].parameters.shared_memory_region")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[1],"parameters":{"binary_data_size":1}}]}""", "inputs[0].parameters.binary_data_size")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[1]},{"name":"x","shape":[1],"datatype":"INT8","data":[1]}]}""", "inputs[1].name")]
    public void Request_WithAWrongField_NamesIt(string json, string field)
    {
        var refused = Requests.Refused(json);

        Assert.Equal(400, refused.Status);
        Assert.StartsWith(field + ": ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT8", "[1]", "1", "inputs[0].data")]
    [InlineData("INT8", "[1]", "[NaN]", "inputs[0].data")]
    [InlineData("INT8", "[1]", "[null]", "inputs[0].data[0]")]
    [InlineData("INT8", "[1]", "[\"1\"]", "inputs[0].data[0]")]
    [InlineData("INT8", "[2]", "[1,128]", "inputs[0].data[1]")]
    [InlineData("INT8", "[1]", "[1.5]", "inputs[0].data[0]")]
    [InlineData("UINT8", "[1]", "[-1]", "inputs[0].data[0]")]
    [InlineData("BOOL", "[1]", "[1]", "inputs[0].data[0]")]
    [InlineData("FP16", "[1]", "[65520]", "inputs[0].data[0]")]
    [InlineData("FP32", "[1]", "[1e39]", "inputs[0].data[0]")]
    [InlineData("FP64", "[1]", "[1e309]", "inputs[0].data[0]")]
    [InlineData("BF16", "[1]", "[3.4e38]", "inputs[0].data[0]")]
    [InlineData("FP32", "[1]", "[\"NaN\"]", "inputs[0].data[0]")]
    [InlineData("BYTES", "[1]", "[1]", "inputs[0].data[0]")]
    [InlineData("BYTES", "[1]", "[{\"b64\":\"?\"}]", "inputs[0].data[0]")]
    [InlineData("BYTES", "[1]", "[{\"b64\":\"\",\"b64\":\"\"}]", "inputs[0].data[0]")]
    [InlineData("INT8", "[2]", "[1]", "inputs[0].data")]
    [InlineData("INT8", "[2]", "[1,2,3]", "inputs[0].data")]
    [InlineData("INT8", "[2,2]", "[[1,2],[3]]", "inputs[0].data")]
    [InlineData("INT8", "[2,2]", "[[1,2,3],[4]]", "inputs[0].data")]
    [InlineData("INT8", "[2,2]", "[[1,2],3,4]", "inputs[0].data")]
    [InlineData("INT8", "[2,2]", "[1,2,[3,4]]", "inputs[0].data")]
    [InlineData("INT8", "[2]", "[[1],[2]]", "inputs[0].data")]
    [InlineData("INT8", "[-1]", "[1]", "inputs[0].shape")]
    [InlineData("INT8", "[1.5]", "[1]", "inputs[0].shape")]
    [InlineData("INT8", "[2147483647,2147483647,4]", "[1]", "inputs[0].shape")]
    [InlineData("FP64", "[2147483647]", "[1,2,3,4]", "inputs[0].data")]
    [InlineData("INT8", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[1]", "inputs[0].shape")]
    public void Tensor_ThatIsWrong_NamesTheElement(string type, string shape, string data, string field)
    {
        var refused = Requests.Refused(Requests.Json(type, shape, data));

        Assert.Equal(400, refused.Status);
        Assert.StartsWith(field + ": ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_DeeperThanAnyTensor_IsRefused()
    {
        var deep = new string('[', 100_000);

        Assert.StartsWith("inputs[0].data: ", Requests.Refused(Requests.Json("INT8", "[1]", deep)).Message, StringComparison.Ordinal);
        Assert.StartsWith("body: ", Requests.Refused($$"""{"x":{{deep}}""").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Request_OfMoreThanItsCounts_IsRefused()
    {
        var inputs = string.Join(',', Enumerable.Range(0, 65).Select(i => $$"""{"name":"{{i}}","shape":[0],"datatype":"INT8","data":[]}"""));
        var outputs = string.Join(',', Enumerable.Range(0, 65).Select(i => $$"""{"name":"{{i}}"}"""));
        var parameters = string.Join(',', Enumerable.Range(0, 65).Select(i => $"\"{i}\":1"));

        Assert.StartsWith("inputs: ", Requests.Refused($$"""{"inputs":[{{inputs}}]}""").Message, StringComparison.Ordinal);
        Assert.StartsWith("outputs: ", Requests.Refused($$"""{"outputs":[{{outputs}}]}""").Message, StringComparison.Ordinal);
        Assert.StartsWith("parameters: ", Requests.Refused($$$"""{"parameters":{{{{parameters}}}}}""").Message, StringComparison.Ordinal);
        Assert.StartsWith("id: ", Requests.Refused($$"""{"id":"{{new string('a', 1_001)}}"}""").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT16", "[2]", 3, 4, "inputs[0].parameters.binary_data_size")]
    [InlineData("INT16", "[2]", 5, 4, "inputs[0].parameters.binary_data_size")]
    [InlineData("INT16", "[2]", 4, 3, "inputs[0].parameters.binary_data_size")]
    [InlineData("INT16", "[2]", 4, 5, "body")]
    [InlineData("INT16", "[3]", 4, 4, "inputs[0].parameters.binary_data_size")]
    [InlineData("BOOL", "[4]", 4, 4, "inputs[0]")]
    [InlineData("BYTES", "[1]", 4, 4, "inputs[0]")]
    [InlineData("BYTES", "[2]", 4, 4, "inputs[0]")]
    [InlineData("INT16", "[2]", -1, 4, "inputs[0].parameters.binary_data_size")]
    public void BinaryLengths_ThatLie_AreRefused(string type, string shape, int said, int sent, string field)
    {
        var json = Encoding.UTF8.GetBytes(
            $$$"""{"inputs":[{"name":"x","shape":{{{shape}}},"datatype":"{{{type}}}","parameters":{"binary_data_size":{{{said}}}}}]}""");
        byte[] body = [.. json, .. Enumerable.Repeat((byte)0xFF, sent)];

        var refused = Assert.Throws<InferenceException>(() => RequestReader.Read(body, json.Length));

        Assert.StartsWith(field + ": ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "body")]
    [InlineData(5, "body")]
    [InlineData(1_000, "Inference-Header-Content-Length")]
    [InlineData(int.MaxValue, "Inference-Header-Content-Length")]
    public void JsonLength_ThatLies_IsRefused(int length, string field)
    {
        var (body, _) = Requests.Binary(("x", "INT8", "[1]", [1]));

        Assert.StartsWith(field + ": ", Assert.Throws<InferenceException>(() => RequestReader.Read(body, length)).Message, StringComparison.Ordinal);
    }
}
