using Microsoft.ML.OnnxRuntime;
using PiGrid.Inference.Inputs;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Inference.Outputs;

/// <summary>Reads a detector's tensors, suppresses duplicates and brings the boxes back to the picture's own pixels; boxes may reach over its edges.</summary>
/// <param name="decoder">How the tensors are read.</param>
/// <param name="grid">The detector's cells.</param>
/// <param name="labels">The classes' names.</param>
internal sealed class DetectionsOutput(DetectionDecoder decoder, DetectorGrid grid, LabelFile labels) : IOutputStep
{
    public ItemOutput Finish(IReadOnlyList<OrtValue> values, IReadOnlyList<string> names, PictureGeometry? geometry)
    {
        List<Candidate> found = [];
        if (decoder.Family == DetectorFamily.Yolox)
        {
            ReadYolox(values[0], names[0], found);
        }
        else
        {
            ReadNanodet(values, names, found);
        }

        var kept = Suppression.Keep(found, decoder.IouThreshold, decoder.DetectionsMax);
        var detections = new List<Detection>(kept.Count);
        HashSet<(int Class, Box Box)> seen = [];
        foreach (var candidate in kept)
        {
            // Boxes without an area never overlap, and may become the same one by rounding.
            var detection = ToDetection(candidate, geometry!.Value);
            if (seen.Add((detection.Class, detection.Box)))
            {
                detections.Add(detection);
            }
        }

        return new() { Detections = detections };
    }

    private Detection ToDetection(Candidate candidate, PictureGeometry geometry)
    {
        var (x0, y0, x1, y1) = candidate.Box;
        if (!double.IsFinite(x0) || !double.IsFinite(y0) || !double.IsFinite(x1) || !double.IsFinite(y1))
        {
            throw new ItemException(ItemErrorCode.ModelFailed, $"The model's box in row {candidate.Index} is not finite.");
        }

        return new(candidate.Class, labels.NameOf(candidate.Class), Rounding.Score(candidate.Score), Rounding.Box(geometry.ToPicture(x0, y0, x1, y1)));
    }

    private void ReadYolox(OrtValue value, string name, List<Candidate> found)
    {
        var shape = value.GetTensorTypeAndShape().Shape;
        if (shape is not [1, var cells, var length] || cells != grid.Cells || length <= YoloxDecoder.BoxNumbers)
        {
            throw Misshapen(name, shape, $"[1, {grid.Cells}, 5 + classes]");
        }

        var classes = (int)length - YoloxDecoder.BoxNumbers;
        labels.Require(classes, name);
        YoloxDecoder.Decode(FloatValues.Read(value, name), classes, grid, decoder.ScoreThreshold, found);
    }

    private void ReadNanodet(IReadOnlyList<OrtValue> values, IReadOnlyList<string> names, List<Candidate> found)
    {
        var first = 0;
        for (var i = 0; i < grid.Strides.Count; i++)
        {
            var stride = grid.Strides[i];
            var (scores, distances) = (decoder.ClassOutputs[i], decoder.DistanceOutputs[i]);
            var cells = grid.CellsOf(stride);
            var (scoreValue, distanceValue) = (values[IndexOf(names, scores)], values[IndexOf(names, distances)]);
            var shape = scoreValue.GetTensorTypeAndShape().Shape;
            if (shape is not [1, var rows, > 0 and var classes] || rows != cells)
            {
                throw Misshapen(scores, shape, $"[1, {cells}, classes]");
            }

            labels.Require((int)classes, scores);
            shape = distanceValue.GetTensorTypeAndShape().Shape;
            if (shape is not [1, var count, > 0 and var length] || count != cells || length % 4 != 0)
            {
                throw Misshapen(distances, shape, $"[1, {cells}, 4 * bins]");
            }

            NanodetDecoder.Decode(
                FloatValues.Read(scoreValue, scores), FloatValues.Read(distanceValue, distances), grid, stride, first, decoder.ScoreThreshold, found);
            first += cells;
        }
    }

    private static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == name)
            {
                return i;
            }
        }

        throw new ItemException(ItemErrorCode.ModelFailed, $"The model has no output '{name}'.");
    }

    private static ItemException Misshapen(string name, long[] shape, string needed) =>
        new(ItemErrorCode.ModelFailed, $"The model's output '{name}' has the shape {TensorShape.Text(shape)}; the decoder needs {needed}.");
}
