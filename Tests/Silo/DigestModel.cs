using System.Net.Http.Json;
using PiGrid.Api;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Tests.Silo;

/// <summary>A model whose work a <see cref="TestWorker"/> does: the digest of each input.</summary>
internal static class DigestModel
{
    public static ModelManifest Manifest { get; } = new()
    {
        Schema = ModelManifest.SchemaV1,
        Name = "digest",
        Version = "1",
        Publisher = "tests",
        Licence = "Apache-2.0",
        Category = "other",
        Preprocess = new Preprocessing { Kind = InputKind.Tensors },
        Postprocess = new Postprocessing { Kind = OutputKind.Tensors },
        Comparator = new Comparator { Kind = ComparatorKind.Exact },
    };

    /// <summary>Publishes it and waits until an operator's node has validated it.</summary>
    public static async Task PublishAsync(TestSilo silo)
    {
        using var published = await silo.Http.PostAsJsonAsync("/api/models", Manifest, GridJson.Wire);
        published.EnsureSuccessStatusCode();
        var status = await silo.Http.GetFromJsonAsync<ModelStatus>("/api/models/digest/versions/1?wait_ms=20000", GridJson.Wire);
        Assert.Equal((ModelState.Ready, null), (status!.State, status.Reason));
    }

    public static Task<HttpResponseMessage> SubmitAsync(TestSilo silo, JobId id, VerificationPolicy policy, params byte[][] inputs) =>
        silo.Http.PostAsJsonAsync(
            "/api/jobs",
            new SubmitJobRequest(id, new JobSpec
            {
                Model = Manifest.Ref,
                Policy = policy,
                Inputs = inputs.Select((data, i) => new JobInput { Name = $"input {i}", Data = data }).ToArray(),
            }),
            GridJson.Wire);
}
