using PiGrid.Verification;

namespace PiGrid.Tests.Inference;

/// <summary>
/// Average precision of one class at IoU 0.5 over many pictures, as PASCAL VOC measures it since 2010: detections by falling score, each true
/// object found at most once, the area under the precision envelope at every recall.
/// </summary>
internal sealed class AveragePrecision
{
    private const double IouMin = 0.5;

    private readonly List<(double Score, bool Hit)> _detections = [];
    private int _objects;

    /// <summary>Enters one picture's detections and true boxes of the class.</summary>
    public void Add(IEnumerable<Detection> detections, IReadOnlyList<Box> truth)
    {
        _objects += truth.Count;
        var found = new bool[truth.Count];
        foreach (var detection in detections.OrderByDescending(d => d.Score))
        {
            var best = Enumerable.Range(0, truth.Count)
                .Where(i => !found[i])
                .OrderByDescending(i => detection.Box.IntersectionOverUnion(truth[i]))
                .Select(i => (int?)i)
                .FirstOrDefault();
            var hit = best is { } b && detection.Box.IntersectionOverUnion(truth[b]) >= IouMin;
            if (hit)
            {
                found[best!.Value] = true;
            }

            _detections.Add((detection.Score, hit));
        }
    }

    /// <summary>The average precision, 0 to 1.</summary>
    public double Compute()
    {
        var points = new List<(double Recall, double Precision)>();
        int hits = 0, seen = 0;
        foreach (var (_, hit) in _detections.OrderByDescending(d => d.Score))
        {
            seen++;
            hits += hit ? 1 : 0;
            points.Add(((double)hits / _objects, (double)hits / seen));
        }

        double area = 0, envelope = 0;
        for (var i = points.Count - 1; i >= 0; i--)
        {
            envelope = Math.Max(envelope, points[i].Precision);
            area += envelope * (points[i].Recall - (i > 0 ? points[i - 1].Recall : 0));
        }

        return area;
    }
}
