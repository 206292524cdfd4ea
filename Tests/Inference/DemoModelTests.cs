using System.IO.Compression;
using System.Text.Json;
using PiGrid.Inference;
using PiGrid.Models;
using PiGrid.Verification;
using Xunit.Abstractions;

namespace PiGrid.Tests.Inference;

/// <summary>The bundled detector through the product's own pipeline, on pictures of assets and seeds that it was not trained on.</summary>
public class DemoModelTests(ITestOutputHelper output)
{
    private static readonly string Bundle = Path.Combine(TestData.RepositoryRoot, "eng", "demo-model", "bundle");

    [Fact]
    public void HeldOutPictures_WhenDetected_ReachTheBar()
    {
        using var archive = ZipFile.OpenRead(Path.Combine(Bundle, "heldout.zip"));
        var truth = ReadTruth(archive.GetEntry("truth.json")!.Open());
        Assert.True(truth.Pictures.Count >= 500);
        using var pipeline = LoadPipeline(scoreThreshold: 0.01);
        var classes = truth.Classes.ToDictionary(c => c, _ => new AveragePrecision());
        foreach (var picture in truth.Pictures)
        {
            var found = Detect(pipeline, ReadAll(archive.GetEntry(picture.File)!.Open()));
            foreach (var (label, precision) in classes)
            {
                precision.Add(found.Where(d => d.Label == label), BoxesOf(picture, label));
            }
        }

        var figures = classes.ToDictionary(c => c.Key, c => c.Value.Compute());
        output.WriteLine(string.Join(", ", figures.Select(f => $"{f.Key} {f.Value:F3}")) + $"; mAP {figures.Values.Average():F3}");
        Assert.True(figures.Values.Average() >= 0.8, "mAP@0.5 is below 0.8");
        Assert.All(figures, f => Assert.True(f.Value >= 0.6, $"AP@0.5 of {f.Key} is {f.Value:F3}, below 0.6"));
    }

    [Fact]
    public void BundledPictures_WhenDetected_ShowABusAndAPersonTogetherAndEveryClassSomewhere()
    {
        using var pipeline = LoadPipeline(scoreThreshold: null);
        var truth = ReadTruth(File.OpenRead(Path.Combine(Bundle, "pictures", "truth.json")));
        var labels = truth.Pictures
            .Select(p => Detect(pipeline, File.ReadAllBytes(Path.Combine(Bundle, "pictures", p.File))).Select(d => d.Label).ToHashSet())
            .ToArray();

        Assert.Equal(8, labels.Length);
        Assert.Contains(labels, l => l.Contains("bus") && l.Contains("person"));
        Assert.Equal(truth.Classes.Order(), labels.SelectMany(l => l).Distinct().Order());
    }

    private static Pipeline LoadPipeline(double? scoreThreshold)
    {
        Assert.True(ManifestReader.TryParse(File.ReadAllBytes(Path.Combine(Bundle, "manifest.json")), out var manifest, out _));
        var decoder = manifest!.Postprocess.Detections!;
        manifest = manifest with
        {
            Postprocess = manifest.Postprocess with
            {
                Detections = decoder with { ScoreThreshold = scoreThreshold ?? decoder.ScoreThreshold },
            },
        };
        return Pipeline.Load(manifest, PipelineFiles.FromFolder(manifest, Bundle));
    }

    private static IReadOnlyList<Detection> Detect(Pipeline pipeline, byte[] picture)
    {
        var run = pipeline.Run(picture, CancellationToken.None);
        Assert.Null(run.Output.Error);
        return run.Output.Detections!;
    }

    private static Truth ReadTruth(Stream stream)
    {
        using (stream)
        {
            return JsonSerializer.Deserialize<Truth>(stream, GridJson.Wire)!;
        }
    }

    private static byte[] ReadAll(Stream stream)
    {
        using var copy = new MemoryStream();
        using (stream)
        {
            stream.CopyTo(copy);
        }

        return copy.ToArray();
    }

    private static Box[] BoxesOf(TruthPicture picture, string label) => picture.Objects.Where(o => o.Label == label).Select(o => o.Box).ToArray();

    private sealed record Truth(IReadOnlyList<string> Classes, IReadOnlyList<TruthPicture> Pictures);

    private sealed record TruthPicture(string File, int Width, int Height, IReadOnlyList<TruthObject> Objects);

    private sealed record TruthObject(string Label, Box Box);
}
