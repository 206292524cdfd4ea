using System.Text;
using PiGrid.Silo.Api.Inference;

namespace PiGrid.Tests.Silo.OpenInference;

/// <summary>Bodies of infer requests.</summary>
internal static class Requests
{
    /// <summary>A request with one input, in JSON.</summary>
    public static string Json(string type, string shape, string data, string more = "") =>
        $$"""{"inputs":[{"name":"x","shape":{{shape}},"datatype":"{{type}}","data":{{data}}}]{{more}}}""";

    /// <summary>A request whose inputs are binary, each of the given type, shape and data; and how long its JSON is.</summary>
    public static (byte[] Body, int JsonLength) Binary(params (string Name, string Type, string Shape, byte[] Data)[] inputs)
    {
        var described = inputs.Select(i =>
            $$$"""{"name":"{{{i.Name}}}","shape":{{{i.Shape}}},"datatype":"{{{i.Type}}}","parameters":{"binary_data_size":{{{i.Data.Length}}}}}""");
        var json = Encoding.UTF8.GetBytes($$"""{"inputs":[{{string.Join(',', described)}}]}""");
        return ([.. json, .. inputs.SelectMany(i => i.Data)], json.Length);
    }

    public static InferenceRequest Read(string json) => RequestReader.Read(Encoding.UTF8.GetBytes(json), null);

    /// <summary>The error that a body ends in.</summary>
    public static InferenceException Refused(string json) => Assert.Throws<InferenceException>(() => Read(json));

    /// <summary>Text as an element of BYTES.</summary>
    public static byte[] Element(string text) => [.. BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];
}
