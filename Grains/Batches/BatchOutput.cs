using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orleans;
using PiGrid.Grains.Storage;
using PiGrid.Verification;

namespace PiGrid.Grains.Batches;

/// <summary>
/// Writes what came of a batch's calls, in the order of its file, in the form that OpenAI's API gives it: calls with an output into one file, all others into another. Each
/// file is a pass of its own over the plan and the jobs' results, so that one line is in memory and never two blobs are being written at once.
/// </summary>
internal sealed class BatchOutput(BatchId id, BatchRecord record, IBlobStore blobs, IBatchCalls calls, IGrainFactory grains)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private int _outputs, _errors;

    /// <summary>Calls with an output; known when <see cref="WriteAsync"/> has written these.</summary>
    public int Outputs => _outputs;

    /// <summary>Calls without one; known likewise.</summary>
    public int Errors => _errors;

    /// <summary>Writes one of the files.</summary>
    /// <param name="outputs">Whether the outputs; otherwise the errors.</param>
    /// <param name="bytesMax">The most bytes that it may have.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<BlobRef> WriteAsync(bool outputs, long bytesMax, CancellationToken cancellationToken)
    {
        (_outputs, _errors) = (0, 0);
        await using var stream = new LineStream(LinesAsync(outputs, cancellationToken));
        return await blobs.PutAsync(stream, expected: null, bytesMax, cancellationToken);
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> LinesAsync(bool outputs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var answers = record.Jobs.Select(j => new JobAnswers(grains.GetGrain<IJobGrain>(j.Id.Value), cancellationToken)).ToArray();
        try
        {
            await foreach (var planned in PlannedLines.ReadAsync(record.Plan, blobs, cancellationToken))
            {
                var (answer, receipt) = await AnswerAsync(planned, answers);
                var isOutput = answer is { IsOutput: true };
                (_outputs, _errors) = isOutput ? (_outputs + 1, _errors) : (_outputs, _errors + 1);
                if (isOutput == outputs)
                {
                    yield return Line(planned, answer, receipt);
                }
            }
        }
        finally
        {
            foreach (var answer in answers)
            {
                await answer.DisposeAsync();
            }
        }
    }

    /// <summary>A call's answer; null for one that the batch's end came before.</summary>
    private async Task<(BatchAnswer? Answer, ReceiptId? Receipt)> AnswerAsync(PlannedLine planned, JobAnswers[] answers)
    {
        if (planned.Job is not { } index)
        {
            return (calls.Refuse(planned.Status!.Value, planned.Error!), null);
        }

        var job = record.Jobs[index];
        if (job.State == BatchJobState.Refused)
        {
            return (calls.Refuse(job.Status, job.Error!), null);
        }

        return await answers[index].NextAsync() switch
        {
            null => (job.State == BatchJobState.Stopped ? null : calls.Refuse(410, $"The results of the batch's job {job.Id} are no longer there."), null),
            { Output.Error.Code: ItemErrorCode.GivenUp } when job.State == BatchJobState.Stopped => (null, null),
            { Output.Error: { Code: ItemErrorCode.GivenUp } late } when job.State == BatchJobState.Late => (calls.Refuse(504, late.Message), null),
            var result => (calls.Answer(job.Model, planned.Id, planned.Outputs, result), result.Receipt),
        };
    }

    private ReadOnlyMemory<byte> Line(PlannedLine planned, BatchAnswer? answer, ReceiptId? receipt)
    {
        var own = $"batch_req_{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}\n{planned.Line}"))).AsSpan(0, 12))}";
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("id"u8, own);
            json.WriteString("custom_id"u8, planned.CustomId);
            if (answer is null)
            {
                json.WriteNull("response"u8);
                WriteEnd(json);
            }
            else
            {
                json.WriteStartObject("response"u8);
                json.WriteNumber("status_code"u8, answer.Status);
                json.WriteString("request_id"u8, receipt?.Value ?? own);
                json.WritePropertyName("body"u8);
                json.WriteRawValue(answer.Body.Span, skipInputValidation: true);
                json.WriteEndObject();
                json.WriteNull("error"u8);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private void WriteEnd(Utf8JsonWriter json)
    {
        json.WriteStartObject("error"u8);
        json.WriteString("code"u8, record.TimedOut ? "batch_expired" : "batch_cancelled");
        json.WriteString("message"u8, record.TimedOut
            ? "This call could not be run before the batch's completion window was over."
            : "This call was not run before the batch was cancelled.");
        json.WriteEndObject();
    }
}
