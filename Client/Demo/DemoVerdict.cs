using PiGrid.Client.Drawing;
using PiGrid.Client.Results;
using PiGrid.Inference;
using PiGrid.Inference.Imaging;
using PiGrid.Verification;

namespace PiGrid.Client.Demo;

/// <summary>Checks what the grid accepted, and makes the report of a demo.</summary>
internal static class DemoVerdict
{
    private const long PixelsMax = 100_000_000;

    /// <summary>The report; annotated pictures are written into the folder.</summary>
    public static async Task<DemoReport> MakeAsync(
        DemoOptions options,
        DemoGrid grid,
        ManifestFolder model,
        DemoJob job,
        string pictureFolder,
        CancellationToken cancellationToken)
    {
        var receipts = new Dictionary<int, Receipt>();
        foreach (var result in job.Results)
        {
            if (result.Receipt is { } id && await grid.Client.FindReceiptAsync(id, cancellationToken) is { } receipt)
            {
                receipts[result.Index] = receipt;
            }
        }

        var inputs = await Task.WhenAll(job.Images.Select(path => File.ReadAllBytesAsync(path, cancellationToken)));
        var status = job.Status;
        var report = new DemoReport
        {
            Engine = grid.Info.Engine,
            Nodes = options.Nodes,
            SlowestAckMs = SlowestAck(grid, job),
            SlowestVerifiedMs = job.Times.Shards.Count > 0 ? Ms(job.Times.Shards.Values.Max()) : null,
            WrongAccepted = CountWrong(model, job, inputs),
            Shards = job.Images.Count,
            ShardsAccepted = status.ShardsAccepted,
            ResultsPerShard = status.ShardsAccepted > 0 ? Math.Round((double)status.ReplicasIssued / status.ShardsAccepted, 3) : 0,
            Liars = options.Liars,
            Killed = job.Killed.Count,
            Model = status.Model,
            Policy = status.Policy,
            Pictures = DescribePictures(grid, job, receipts, inputs, pictureFolder),
            NodeTimes = DescribeNodes(grid, job),
            Failures = [],
        };
        return report with { Failures = DemoChecks.Failures(options, report, status) };
    }

    private static double? SlowestAck(DemoGrid grid, DemoJob job)
    {
        var acks = grid.Volunteers.Where(v => !job.Killed.Contains(v.Node)).Select(v => job.Times.Of(v.Node).Acknowledged).ToList();
        return acks.TrueForAll(a => a is not null) ? Ms(acks.Max()!.Value) : null;
    }

    private static int CountWrong(ManifestFolder model, DemoJob job, byte[][] inputs)
    {
        using var direct = new DirectRun(model);
        return job.Results.Count(r => r.Receipt is not null && !direct.Agrees(inputs[r.Index], r.Output));
    }

    private static List<DemoNode> DescribeNodes(DemoGrid grid, DemoJob job) => grid.Volunteers.Select(v =>
    {
        var times = job.Times.Of(v.Node);
        return new DemoNode(v.Name, v.Node, v.Role, Ms(times.Acknowledged), Ms(times.FirstResult), times.Results);
    }).ToList();

    private static List<DemoPicture> DescribePictures(
        DemoGrid grid,
        DemoJob job,
        Dictionary<int, Receipt> receipts,
        byte[][] inputs,
        string folder)
    {
        Directory.CreateDirectory(folder);
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var pictures = new List<DemoPicture>();
        foreach (var result in job.Results.DistinctBy(r => job.Images[r.Index]))
        {
            var receipt = receipts.GetValueOrDefault(result.Index);
            var found = result.Output.Detections ?? [];
            var path = Path.Combine(folder, PictureFolder.NameOf(result.Name, taken));
            pictures.Add(new DemoPicture
            {
                File = result.Name,
                Labels = [.. found.Select(d => d.Label).Concat(result.Output.Labels?.Select(l => l.Label) ?? []).Distinct()],
                Detections = [.. found.Select(d => new DemoDetection(d.Label, d.Score, d.Box))],
                Error = result.Output.Error is { } error ? $"{error.Code}: {error.Message}" : null,
                Replicas = result.Replicas,
                Agreed = Owners(grid, receipt, agreed: true),
                Disagreed = Owners(grid, receipt, agreed: false),
                Receipt = result.Receipt,
                ReceiptVerified = receipt is not null && ReceiptCheck.Verify(receipt, grid.Info.GridKey).Count == 0,
                Annotated = Annotate(inputs[result.Index], result.Output, path) ? path : null,
            });
        }

        return pictures;
    }

    private static string[] Owners(DemoGrid grid, Receipt? receipt, bool agreed) =>
        [.. (receipt?.Body.Replicas ?? []).Where(r => r.Agreed == agreed)
            .Select(r => grid.Volunteers.FirstOrDefault(v => v.Node == r.Node)?.Name ?? r.Owner.Value)];

    private static bool Annotate(byte[] input, ItemOutput output, string path)
    {
        try
        {
            File.WriteAllBytes(path, PngWriter.Write(Annotator.Draw(PictureDecoder.Decode(input, PixelsMax), output)));
            return true;
        }
        catch (ItemException)
        {
            // The input is no picture: another model than the bundled one may take text or tensors.
            return false;
        }
    }

    private static double? Ms(TimeSpan? time) => time is { } t ? Ms(t) : null;

    private static double Ms(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);
}
