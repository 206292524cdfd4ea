using PiGrid.Verification;

namespace PiGrid.Inference.Batching;

/// <summary>Puts tensors together along their first dimension, and takes them apart again.</summary>
internal static class BatchTensors
{
    /// <summary>The number of rows of an input: the first dimension that all its tensors have; null when they have none in common.</summary>
    public static long? RowsOf(IReadOnlyList<TensorData> tensors) =>
        tensors is [{ Shape: [> 0 and var rows, ..] }, ..] && tensors.All(t => t.Shape.Count > 0 && t.Shape[0] == rows) ? rows : null;

    /// <summary>What inputs of one batch have in common: the type and all dimensions but the first of each tensor.</summary>
    public static string KindOf(IReadOnlyList<TensorData> tensors) =>
        string.Join(';', tensors.Select(t => $"{t.Type} {string.Join(',', t.Shape.Skip(1))}"));

    /// <summary>The tensors of a batch, one for each input of the model.</summary>
    /// <param name="members">Its inputs' tensors, all of one kind.</param>
    public static TensorData[] Concatenate(IReadOnlyList<IReadOnlyList<TensorData>> members)
    {
        var whole = new TensorData[members[0].Count];
        for (var i = 0; i < whole.Length; i++)
        {
            var parts = members.Select(m => m[i]).ToArray();
            var data = new byte[parts.Sum(p => p.Data.Length)];
            var at = 0;
            foreach (var part in parts)
            {
                part.Data.CopyTo(data, at);
                at += part.Data.Length;
            }

            whole[i] = parts[0] with { Shape = [parts.Sum(p => p.Shape[0]), .. parts[0].Shape.Skip(1)], Data = data };
        }

        return whole;
    }

    /// <summary>The outputs of each member; null when their first dimension is not the sum of all rows.</summary>
    /// <param name="outputs">The model's outputs.</param>
    /// <param name="rows">The rows of each member.</param>
    public static IReadOnlyList<TensorData>[]? Split(IReadOnlyList<TensorData> outputs, IReadOnlyList<long> rows)
    {
        var sum = rows.Sum();
        if (outputs.Any(o => o.Shape.Count == 0 || o.Shape[0] != sum))
        {
            return null;
        }

        var members = new IReadOnlyList<TensorData>[rows.Count];
        var from = 0L;
        for (var i = 0; i < members.Length; i++)
        {
            var (start, count) = (from, rows[i]);
            members[i] = [.. outputs.Select(o => Rows(o, start, count))];
            from += count;
        }

        return members;
    }

    private static TensorData Rows(TensorData tensor, long from, long count)
    {
        var row = tensor.Data.Length / tensor.Shape[0];
        return tensor with
        {
            Shape = [count, .. tensor.Shape.Skip(1)],
            Data = tensor.Data.AsSpan((int)(from * row), (int)(count * row)).ToArray(),
        };
    }
}
