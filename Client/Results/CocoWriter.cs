using System.Text.Json;
using PiGrid.Verification;

namespace PiGrid.Client.Results;

/// <summary>
/// Writes detections in COCO's object detection format (cocodataset.org, "Format data"): images, annotations with bbox [x, y, width, height] in
/// pixels and the score that result files carry, and categories. Category ids are the class indexes plus 1, as 0 is kept for the background.
/// </summary>
internal static class CocoWriter
{
    /// <summary>Writes and closes the stream; returns how many results there were.</summary>
    public static async Task<int> WriteAsync(
        IAsyncEnumerable<JobResult> results,
        IResultPictures pictures,
        Stream output,
        CancellationToken cancellationToken)
    {
        await using (output)
        {
            var images = new List<CocoImage>();
            var annotations = new List<CocoAnnotation>();
            var categories = new SortedDictionary<int, string>();
            await foreach (var result in results.WithCancellation(cancellationToken))
            {
                var picture = await pictures.NextAsync(result, cancellationToken);
                images.Add(new(result.Index + 1, result.Name, picture?.Width, picture?.Height));
                foreach (var found in result.Output.Detections ?? [])
                {
                    categories[found.Class + 1] = found.Label;
                    annotations.Add(Annotate(annotations.Count + 1, result.Index + 1, found));
                }
            }

            var document = new CocoDocument(images, annotations, [.. categories.Select(c => new CocoCategory(c.Key, c.Value))]);
            await JsonSerializer.SerializeAsync(output, document, GridJson.Indented, cancellationToken);
            return images.Count;
        }
    }

    private static CocoAnnotation Annotate(int id, int image, Detection found)
    {
        var (width, height) = (Round(found.Box.X1 - found.Box.X0), Round(found.Box.Y1 - found.Box.Y0));
        return new(id, image, found.Class + 1, [found.Box.X0, found.Box.Y0, width, height], Round(width * height), found.Score, 0);
    }

    private static double Round(double value) => Math.Round(value, 2);

    private sealed record CocoDocument(List<CocoImage> Images, List<CocoAnnotation> Annotations, List<CocoCategory> Categories);

    private sealed record CocoImage(int Id, string FileName, int? Width, int? Height);

    private sealed record CocoAnnotation(int Id, int ImageId, int CategoryId, double[] Bbox, double Area, double Score, int Iscrowd);

    private sealed record CocoCategory(int Id, string Name);
}
