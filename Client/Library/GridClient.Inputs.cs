using System.Text.Json;

namespace PiGrid.Client;

/// <content>Inputs: small ones travel inside the submission, others as blobs, many as an index blob.</content>
public sealed partial class GridClient
{
    private const long InlineTotalMax = 1 << 20;

    /// <summary>The job with these inputs: uploads what the grid does not have, and lists or indexes them.</summary>
    /// <param name="spec">The job, without inputs.</param>
    /// <param name="inputs">The inputs, in order.</param>
    /// <param name="progress">Told how many inputs are done; from any thread.</param>
    /// <param name="cancellationToken">Stops uploading.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public async Task<JobSpec> WithInputsAsync(
        JobSpec spec,
        IReadOnlyList<InputSource> inputs,
        IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(inputs);
        var indexed = inputs.Count > _options.ListedInputsMax;
        var inline = indexed ? new HashSet<int>() : ChooseInline(inputs);
        var made = new JobInput[inputs.Count];
        var done = 0;
        var limits = new ParallelOptions { MaxDegreeOfParallelism = _options.UploadsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, inputs.Count, limits, async (i, stop) =>
        {
            made[i] = inline.Contains(i)
                ? new JobInput { Name = inputs[i].Name, Data = await ReadAsync(inputs[i], stop).ConfigureAwait(false) }
                : new JobInput { Name = inputs[i].Name, Blob = await UploadAsync(inputs[i], stop).ConfigureAwait(false) };
            progress?.Report(Interlocked.Increment(ref done));
        }).ConfigureAwait(false);

        return indexed
            ? spec with { Inputs = null, InputIndex = await UploadAsync(IndexOf(made), cancellationToken).ConfigureAwait(false) }
            : spec with { Inputs = made, InputIndex = null };
    }

    private HashSet<int> ChooseInline(IReadOnlyList<InputSource> inputs)
    {
        var chosen = new HashSet<int>();
        var total = 0L;
        for (var i = 0; i < inputs.Count; i++)
        {
            var length = inputs[i].Length;
            if (length <= _options.InlineInputBytesMax && total + length <= InlineTotalMax)
            {
                chosen.Add(i);
                total += length;
            }
        }

        return chosen;
    }

    private static async Task<byte[]> ReadAsync(InputSource input, CancellationToken cancellationToken) =>
        input.Data?.ToArray() ?? await File.ReadAllBytesAsync(input.Path!, cancellationToken).ConfigureAwait(false);

    private Task<BlobRef> UploadAsync(InputSource input, CancellationToken cancellationToken) =>
        input.Data is { } data ? UploadAsync(data, cancellationToken) : UploadFileAsync(input.Path!, cancellationToken);

    private static byte[] IndexOf(JobInput[] inputs)
    {
        using var lines = new MemoryStream();
        foreach (var input in inputs)
        {
            lines.Write(JsonSerializer.SerializeToUtf8Bytes(input, GridJson.Wire));
            lines.WriteByte((byte)'\n');
        }

        return lines.ToArray();
    }
}
