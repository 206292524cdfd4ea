using System.Net.Http.Json;
using PiGrid.Api;
using PiGrid.Models;
using PiGrid.Tests.Silo;
using PiGrid.Verification;

namespace PiGrid.Tests.Dashboard;

/// <summary>
/// Pictures with a square in each, and nodes that say where it is. What is tested is what the page makes of pictures and boxes; that real models find real things is tested
/// with the nodes that run them.
/// </summary>
internal static class PictureJob
{
    public const int Count = 6, Width = 160, Height = 120, Side = 40;

    public static ModelManifest Manifest { get; } = DigestModel.Manifest with { Name = "find-squares" };

    private static readonly byte[][] Pictures = [.. Enumerable.Range(0, Count).Select(Draw)];

    public static Box BoxOf(int index) => new(10 + (index * 15), 5 + (index * 12), 10 + (index * 15) + Side, 5 + (index * 12) + Side);

    /// <summary>What an honest node answers.</summary>
    public static ItemOutput Find(ShardInput input) => new()
    {
        Detections = new List<Detection> { new(0, "square", 0.93, BoxOf(Array.FindIndex(Pictures, p => Sha256.Of(p) == input.Blob.Sha256))) },
    };

    public static async Task PublishAsync(TestSilo silo)
    {
        using var published = await silo.Http.PostAsJsonAsync("/api/models", Manifest, GridJson.Wire);
        published.EnsureSuccessStatusCode();
        var status = await silo.Http.GetFromJsonAsync<ModelStatus>("/api/models/find-squares/versions/1?wait_ms=20000", GridJson.Wire);
        Assert.Equal((ModelState.Ready, null), (status!.State, status.Reason));
    }

    /// <summary>Submits the job and waits for its end.</summary>
    public static async Task<JobId> SubmitAsync(TestSilo silo)
    {
        using var response = await PostAsync(silo, NewId.Job(), "?wait_ms=60000");
        var status = (await response.Content.ReadFromJsonAsync<JobStatus>(GridJson.Wire))!;
        Assert.Equal(JobState.Completed, status.State);
        return status.Id;
    }

    public static async Task<HttpResponseMessage> PostAsync(TestSilo silo, JobId id, string query = "")
    {
        var response = await silo.Http.PostAsJsonAsync(
            "/api/jobs" + query,
            new SubmitJobRequest(id, new JobSpec
            {
                Name = "pictures",
                Model = Manifest.Ref,
                Policy = VerificationPolicy.None,
                ShardSize = 1,
                Inputs = Pictures.Select((data, i) => new JobInput { Name = $"picture {i}.png", Data = data }).ToArray(),
            }),
            GridJson.Wire);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return response;
    }

    // A PNG of one byte a pixel.
    private static byte[] Draw(int index)
    {
        var box = BoxOf(index);
        var pixels = new byte[Width * Height];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y) = (i % Width, i / Width);
            pixels[i] = x >= box.X0 && x < box.X1 && y >= box.Y0 && y < box.Y1 ? (byte)230 : (byte)60;
        }

        return Inference.TestPictures.Png(Width, Height, bits: 8, colour: 0, pixels);
    }
}
