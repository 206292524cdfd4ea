using System.Net.Http.Json;
using PiGrid.Models;
using PiGrid.Tests.NodeAgent;

namespace PiGrid.Tests.Silo.OpenInference;

/// <summary>A small model that takes and gives tensors.</summary>
internal static class TensorModel
{
    /// <summary>Publishes it, and waits until an operator's node has validated it.</summary>
    public static async Task PublishAsync(HttpClient http, string name, string version, byte[] model, Func<ModelManifest, ModelManifest>? change = null)
    {
        using var content = new ByteArrayContent(model);
        using var uploaded = await http.PostAsync("/api/blobs", content);
        var blob = (await uploaded.Content.ReadFromJsonAsync<BlobRef>(GridJson.Wire))!;
        var manifest = Inference.Manifests.Tensors with
        {
            Name = name,
            Version = version,
            Model = new() { File = "model.onnx", Sha256 = blob.Sha256, Size = blob.Size },
        };
        using var published = await http.PostAsJsonAsync("/api/models", change?.Invoke(manifest) ?? manifest, GridJson.Wire);
        Assert.True(published.IsSuccessStatusCode, await published.Content.ReadAsStringAsync());
        using var limit = new CancellationTokenSource(Patience.Limit);
        ModelStatus status;
        do
        {
            // As long as the agents take to start, which is long on a busy machine.
            status = (await http.GetFromJsonAsync<ModelStatus>($"/api/models/{name}/versions/{version}?wait_ms=30000", GridJson.Wire, limit.Token))!;
        }
        while (status.State == ModelState.Pending);
        Assert.Equal((ModelState.Ready, null), (status.State, status.Reason));
    }
}
