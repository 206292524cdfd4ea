using System.Buffers.Binary;
using System.Text;
using PiGrid.Tensors;
using PiGrid.Verification;

namespace PiGrid.Silo.Api.Inference;

/// <summary>An output of an answer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its elements.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Data">The elements, row-major, little-endian; those of <see cref="ElementType.Bytes"/> each behind its length in 4 bytes.</param>
internal sealed record AnswerTensor(string Name, ElementType Type, IReadOnlyList<long> Shape, byte[] Data);

/// <summary>An item's output as tensors: labels, detections and text have those that <see cref="ModelView"/> describes.</summary>
internal static class AnswerTensors
{
    /// <summary>The tensors.</summary>
    public static IReadOnlyList<AnswerTensor> Of(ItemOutput output) => output switch
    {
        { Tensors: { } tensors } => [.. tensors.Select(t => new AnswerTensor(t.Name, ElementTypes.OfGrid(t.Type) ?? ElementType.Bytes, t.Shape, t.Data))],
        { Labels: { } labels } => Labels(labels.Select(l => (l.Class, l.Label, l.Score)).ToArray()),
        { Detections: { } found } => [.. Labels(found.Select(d => (d.Class, d.Label, d.Score)).ToArray()), Boxes(found)],
        { Text: { } text } => [Texts(ModelView.Text, [text.Text]), Integers("tokens", [.. text.Tokens])],
        _ => [],
    };

    private static AnswerTensor[] Labels((int Class, string Label, double Score)[] labels) =>
    [
        Texts("label", [.. labels.Select(l => l.Label)]),
        Floats("score", [labels.Length], [.. labels.Select(l => (float)l.Score)]),
        Integers("class", [.. labels.Select(l => l.Class)]),
    ];

    private static AnswerTensor Boxes(IReadOnlyList<Detection> found) => Floats(
        "boxes", [found.Count, 4], [.. found.SelectMany(d => (float[])[(float)d.Box.X0, (float)d.Box.Y0, (float)d.Box.X1, (float)d.Box.Y1])]);

    private static AnswerTensor Texts(string name, string[] texts) =>
        new(name, ElementType.Bytes, [texts.Length], StringElements.Write(Array.ConvertAll(texts, Encoding.UTF8.GetBytes)));

    private static AnswerTensor Floats(string name, long[] shape, float[] values)
    {
        var data = new byte[4 * values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(4 * i), values[i]);
        }

        return new(name, ElementType.Fp32, shape, data);
    }

    private static AnswerTensor Integers(string name, int[] values)
    {
        var data = new byte[4 * values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(4 * i), values[i]);
        }

        return new(name, ElementType.Int32, [values.Length], data);
    }
}
