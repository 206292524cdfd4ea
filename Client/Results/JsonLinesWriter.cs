using System.Text.Json;

namespace PiGrid.Client.Results;

/// <summary>Writes outputs as JSON lines, as they come: one object per input, in input order.</summary>
internal static class JsonLinesWriter
{
    /// <summary>Writes and closes the stream; returns how many results there were.</summary>
    public static async Task<int> WriteAsync(IAsyncEnumerable<JobResult> results, Stream output, CancellationToken cancellationToken)
    {
        await using (output)
        {
            var count = 0;
            await foreach (var result in results.WithCancellation(cancellationToken))
            {
                await JsonSerializer.SerializeAsync(output, result, GridJson.Wire, cancellationToken);
                output.WriteByte((byte)'\n');
                count++;
            }

            return count;
        }
    }
}
