using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PiGrid.Batches;
using PiGrid.Grains.Storage;

namespace PiGrid.Grains.Batches;

/// <summary>
/// Reads a batch's file as a stream: checks every line, stores the inputs, and sorts the calls into jobs by model version and terms. Doing it again, after a crash, comes
/// to the same plan: ids of jobs follow from the batch's, and blobs from their content.
/// </summary>
internal sealed class BatchIntake(BatchId id, BatchRecord record, IBlobStore blobs, IBatchCalls calls, BatchOptions options)
{
    // Inputs that are being stored at once, and lines of one segment of the plan.
    private const int StoredAtOnce = 256, BytesAtOnce = 16 << 20, SegmentLines = 1_000;

    private readonly List<BatchError> _errors = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BatchRoute> _routes = new(StringComparer.Ordinal);
    private readonly Dictionary<(ModelRef, VerificationPolicy, DateTimeOffset?, PlacementTerms?), int> _open = [];
    private readonly List<BatchJob> _jobs = [];
    private readonly List<BlobRef> _segments = [];
    private readonly List<PlannedLine> _lines = [];
    private readonly List<(int At, Task<BlobRef> Stored)> _storing = [];
    private int _count, _refused, _storingBytes;

    /// <summary>Reads the file.</summary>
    public async Task<BatchPlan> ReadAsync(CancellationToken cancellationToken)
    {
        await using var stream = await blobs.OpenAsync(record.Spec!.Input.Sha256, cancellationToken);
        if (stream is null)
        {
            return Failed(new BatchError("file_missing", "The grid has lost the bytes of the file: upload it again."));
        }

        await foreach (var line in FileLines.ReadAsync(stream, options.LineBytesMax, cancellationToken))
        {
            if (++_count > options.LinesMax)
            {
                return Failed(new BatchError("too_many_lines", $"A batch has at most {options.LinesMax} lines (option Batches:LinesMax): split the file.", line.Number));
            }

            await TakeAsync(line, cancellationToken);
            if (_errors.Count >= BatchRules.ErrorsMax)
            {
                break;
            }
        }

        if (_count == 0)
        {
            return Failed(new BatchError("empty_file", "The file has no lines."));
        }

        await CloseSegmentAsync(cancellationToken);
        return _errors.Count > 0 ? Failed() : new([], _count, _refused, _segments, _jobs);
    }

    private BatchPlan Failed(params BatchError[] errors) => new([.. errors, .. _errors], 0, 0, [], []);

    private async Task TakeAsync(FileLine text, CancellationToken cancellationToken)
    {
        if (text.Text is not { } bytes)
        {
            _errors.Add(new("line_too_long", $"A line has at most {options.LineBytesMax} bytes (option Batches:LineBytesMax).", text.Number));
            return;
        }

        var (line, error) = BatchLine.Read(bytes, text.Number, record.Spec!.Endpoint);
        if (line is not null && !_names.Add(line.CustomId))
        {
            error = new("duplicate_custom_id", $"The custom_id '{line.CustomId}' is there twice: each line needs its own.", text.Number, "custom_id");
        }

        if (line is not null && error is null)
        {
            var route = await FindAsync(line.Url);
            if (route.Target is { } target)
            {
                // Once something is wrong nothing will run; the other lines are read for what is wrong with them.
                await (_errors.Count == 0 ? PlanAsync(line, text.Number, target, cancellationToken) : Task.CompletedTask);
                return;
            }

            error = new(route.Code, route.Message, text.Number, "url");
        }

        _errors.Add(error!);
    }

    private async ValueTask<BatchRoute> FindAsync(string url)
    {
        if (!_routes.TryGetValue(url, out var route))
        {
            route = await calls.FindAsync(url);
            _routes[url] = route;
        }

        return route;
    }

    private async Task PlanAsync(BatchLine line, int number, IBatchTarget target, CancellationToken cancellationToken)
    {
        var planned = new PlannedLine { Line = number, CustomId = line.CustomId };
        var call = target.Read(line.Body, record.Times.CreatedAt);
        if (call.Status is { } status)
        {
            _refused++;
            _lines.Add(planned with { Status = status, Error = call.Error });
        }
        else if (JobOf(target.Model, call) is { } job)
        {
            _storing.Add((_lines.Count, blobs.PutBytesAsync(call.Input, cancellationToken)));
            _storingBytes += call.Input.Length;
            _lines.Add(planned with { Job = job, Id = call.Id, Outputs = call.Outputs });
        }
        else
        {
            _errors.Add(new(
                "too_many_jobs", $"Lines of one model version on the same terms make a job, and a batch has at most {options.JobsMax} (option Batches:JobsMax).", number, "body"));
        }

        if (_storing.Count >= StoredAtOnce || _storingBytes >= BytesAtOnce)
        {
            await StoreAsync();
        }

        if (_lines.Count >= SegmentLines)
        {
            await CloseSegmentAsync(cancellationToken);
        }
    }

    private int? JobOf(ModelRef model, BatchCall call)
    {
        var key = (model, call.Policy, call.Deadline, call.Placement);
        if (_open.TryGetValue(key, out var job) && _jobs[job].Inputs < options.JobLinesMax)
        {
            _jobs[job] = _jobs[job] with { Inputs = _jobs[job].Inputs + 1 };
            return job;
        }

        if (_jobs.Count == options.JobsMax)
        {
            return null;
        }

        _open[key] = _jobs.Count;
        _jobs.Add(new() { Id = JobIdOf(_jobs.Count), Model = model, Policy = call.Policy, Deadline = call.Deadline, Placement = call.Placement, Inputs = 1 });
        return _jobs.Count - 1;
    }

    private JobId JobIdOf(int job) =>
        JobId.FromBytes(SHA256.HashData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"job\n{id}\n{job}"))).AsSpan(0, 16));

    private async Task StoreAsync()
    {
        foreach (var (at, stored) in _storing)
        {
            _lines[at] = _lines[at] with { Input = await stored };
        }

        _storing.Clear();
        _storingBytes = 0;
    }

    private async Task CloseSegmentAsync(CancellationToken cancellationToken)
    {
        await StoreAsync();
        if (_lines.Count > 0)
        {
            _segments.Add(await blobs.PutBytesAsync(PlannedLines.Write(_lines), cancellationToken));
            _lines.Clear();
        }
    }
}
