using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using PiGrid.Silo.Api.Inference;

namespace PiGrid.Tests.Silo.OpenInference;

/// <summary>What a silo answered under <c>/v2</c>: JSON, and what lies behind it.</summary>
internal sealed record Answer(HttpStatusCode Status, JsonElement Json, byte[] Binary, HttpResponseHeaders Headers)
{
    /// <summary>The error, of which there must be one.</summary>
    public string Error => Json.GetProperty("error").GetString()!;

    /// <summary>The output of that name.</summary>
    public JsonElement Output(string name) => Json.GetProperty("outputs").EnumerateArray().Single(o => o.GetProperty("name").GetString() == name);

    public static Task<Answer> GetAsync(HttpClient http, string path) => SendAsync(http, new(HttpMethod.Get, path));

    public static Task<Answer> PostAsync(HttpClient http, string path, string json, params (string Name, string Value)[] headers) =>
        PostAsync(http, path, Encoding.UTF8.GetBytes(json), headers);

    public static Task<Answer> PostAsync(HttpClient http, string path, byte[] body, params (string Name, string Value)[] headers)
    {
        // No Content-Type, as the official client sends none.
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value) || request.Content.Headers.TryAddWithoutValidation(name, value));
        }

        return SendAsync(http, request);
    }

    private static async Task<Answer> SendAsync(HttpClient http, HttpRequestMessage request)
    {
        using var response = await http.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();
        var length = response.Headers.TryGetValues(InferenceResponse.LengthHeader, out var values)
            ? int.Parse(values.Single(), System.Globalization.CultureInfo.InvariantCulture)
            : body.Length;
        using var document = JsonDocument.Parse(body.AsMemory(0, length));
        request.Dispose();
        return new(response.StatusCode, document.RootElement.Clone(), body[length..], response.Headers);
    }
}
