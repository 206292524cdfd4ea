using System.Globalization;
using PiGrid.Client.Cli;
using Spectre.Console;

namespace PiGrid.Client.Demo;

/// <summary>The end of a demo for people: the pictures, the nodes, and the two times that count.</summary>
internal static class DemoSummary
{
    /// <summary>Writes the summary.</summary>
    public static void Write(IAnsiConsole console, DemoReport report)
    {
        var pictures = Tables.Create("picture", "label", "score", "box", "replicas", "agreed", "disagreed", "receipt");
        foreach (var picture in report.Pictures)
        {
            var lines = picture.Detections.Count > 0 ? picture.Detections : [new DemoDetection(string.Join(", ", picture.Labels), 0, default)];
            for (var i = 0; i < lines.Count; i++)
            {
                var (label, score, box) = lines[i];
                var located = picture.Detections.Count > 0;
                pictures.Row(
                    i == 0 ? picture.File : "", label, located ? Number(score, "0.00") : "", located ? Corners(box) : "",
                    i == 0 ? Tables.Number(picture.Replicas) : "", i == 0 ? string.Join(", ", picture.Agreed) : "",
                    i == 0 ? string.Join(", ", picture.Disagreed) : "", i == 0 ? picture.Receipt?.Value + (picture.ReceiptVerified ? "" : " (not valid)") : "");
            }
        }

        console.Write(pictures);
        var nodes = Tables.Create("node", "acknowledged", "first result", "results", "");
        foreach (var n in report.NodeTimes)
        {
            nodes.Row(n.Name, Ms(n.AckMs), Ms(n.FirstResultMs), Tables.Number(n.Results), n.Role switch
            {
                VolunteerRole.Operator or VolunteerRole.Honest => "",
                VolunteerRole.Liar => "forged its results",
                VolunteerRole.Casualty => "killed while it held a lease",
            });
        }

        console.Write(nodes);
        if (report.Pictures.FirstOrDefault(p => p.Annotated is not null) is { } first)
        {
            console.WriteLine($"Annotated pictures: {Path.GetDirectoryName(first.Annotated)}");
        }

        console.WriteLine($"Engine {report.Engine}, model {report.Model}, {report.Policy}: {report.ShardsAccepted} of {report.Shards} pictures verified, "
            + $"{Number(report.ResultsPerShard, "0.##")} replicas each, {report.WrongAccepted} wrong results accepted.");
        console.WriteLine($"Every living node acknowledged within {Ms(report.SlowestAckMs)}; every result was verified within {Ms(report.SlowestVerifiedMs)}.");
        foreach (var failure in report.Failures)
        {
            console.WriteLine($"FAILED: {failure}.");
        }
    }

    private static string Ms(double? ms) => ms is { } value ? $"{Number(value, "0")} ms" : "-";

    private static string Corners(Verification.Box box) => $"{Number(box.X0, "0")},{Number(box.Y0, "0")} - {Number(box.X1, "0")},{Number(box.Y1, "0")}";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
