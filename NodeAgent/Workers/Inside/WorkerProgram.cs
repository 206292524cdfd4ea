using System.Diagnostics;
using System.Text.Json;
using PiGrid.Inference;
using PiGrid.Inference.Sessions;
using PiGrid.Inference.Validation;
using PiGrid.Models;
using PiGrid.NodeAgent.Workers.Wire;

namespace PiGrid.NodeAgent.Workers.Inside;

/// <summary>
/// The verb <c>worker</c>: holds one model and runs strangers' inputs through it. It knows standard input, standard output and the
/// memory that its inputs lie in, and nothing else: no address, no key, no file. Of its two threads one always reads, so that a cancel is heard while the other
/// one works: whichever has read a request answers it, since what it read is in its processor's cache.
/// </summary>
internal sealed class WorkerProgram : IDisposable
{
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly InputArea? _area;
    private readonly Lock _reading = new();
    private readonly Lock _working = new();
    private CancellationTokenSource _cancel = new();
    private Pipeline? _pipeline;
    private SegmentWork? _segments;

    private WorkerProgram(Stream input, Stream output, InputArea? area) => (_input, _output, _area) = (input, output, area);

    private Pipeline Loaded => _pipeline ?? throw new InvalidDataException("No model is loaded.");

    /// <summary>Runs until standard input ends.</summary>
    /// <param name="areaPath">Where the agent's <see cref="InputArea"/> is; null for none.</param>
    public static int Run(string? areaPath)
    {
        Hardening.Apply();
        using var output = Console.OpenStandardOutput();

        // Nothing but frames may come out: whatever else writes to the console goes nowhere.
        Console.SetOut(TextWriter.Null);
        using var input = new BufferedStream(Console.OpenStandardInput(), 64 << 10);
        using var area = areaPath is null ? null : InputArea.TryOpen(areaPath);
        using var program = new WorkerProgram(input, output, area);
        lock (program._working)
        {
            new Thread(program.Serve) { IsBackground = true, Name = "second" }.Start();
            program.Send(WarmUp.Run() with { HasArea = area is not null });
        }

        program.Serve();
        return 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cancel.Dispose();
        _pipeline?.Dispose();
        _segments?.Dispose();
    }

    private void Serve()
    {
        while (true)
        {
            _reading.Enter();
            if (Read() is not { } read)
            {
                // The agent is gone or wants no more. Whatever still runs inside the library is not waited for, nor its clean-up.
                using var self = Process.GetCurrentProcess();
                self.Kill();
                return;
            }

            // Before the other one may read, so that requests are answered in their order.
            _working.Enter();
            _reading.Exit();
            Send(Answer(read.Request, read.Blobs, read.Cancel));
            _working.Exit();
        }
    }

    private (WorkerRequest Request, byte[][] Blobs, CancellationToken Cancel)? Read()
    {
        while (Frames.Read<WorkerRequest>(_input, Frames.RequestBytesMax) is { } request)
        {
            if (request is CancelRequest)
            {
                _cancel.Cancel();
                continue;
            }

            var blobs = request.Sizes.Select(size => Frames.ReadExactly(_input, size)).ToArray();
            _cancel = new();
            return (request, blobs, _cancel.Token);
        }

        return null;
    }

    private WorkerReply Answer(WorkerRequest request, byte[][] blobs, CancellationToken cancel)
    {
        try
        {
            return request switch
            {
                ProbeRequest probe => WarmUp.Probe(probe.Provider),
                LoadRequest load => Load(load, blobs, cancel),
                RunRequest { IsInArea: true } run => (_area ?? throw new InvalidDataException("There is no memory for inputs."))
                    .Read(checked((int)run.Size), input => RunInput(input, cancel)),
                RunRequest => RunInput(blobs[0], cancel),
                RunBatchRequest => BatchReplies.Of(Loaded.RunBatch(blobs, cancel), Loaded.BatchMax, Frames.ReplyBytesMax),
                PlanRequest or CommitRequest or OpenRequest or AuditRequest =>
                    (_segments ?? throw new InvalidDataException("No model is kept for segments.")).Answer(request, blobs, cancel),
                _ => throw new InvalidDataException($"A worker has no answer to {request.GetType().Name}."),
            };
        }
        catch (OperationCanceledException)
        {
            return new CancelledReply();
        }
    }

    private WorkerReply Load(LoadRequest load, byte[][] blobs, CancellationToken cancel)
    {
        Hardening.LimitMemory(load.KeepFiles ? load.MemoryMib * LoadRequest.KeptFactor : load.MemoryMib);
        _segments?.Dispose();
        _pipeline?.Dispose();
        (_pipeline, _segments) = (null, null);
        var at = load.ModelSize is null ? 1 : 2;
        var files = new PipelineFiles
        {
            Model = load.ModelSize is null ? null : blobs[1],
            Files = load.FileNames.Select((name, i) => KeyValuePair.Create(name, blobs[at + i])).ToDictionary(StringComparer.Ordinal),
        };
        try
        {
            var manifest = JsonSerializer.Deserialize<ModelManifest>(blobs[0], GridJson.Wire)
                ?? throw new PipelineException([new("$", "invalid", "the manifest is null")]);
            var provider = ExecutionProviders.Parse(load.Provider) ?? ExecutionProvider.Cpu;
            if (load.Validate)
            {
                var ringers = blobs.Skip(at + load.FileNames.Count).ToArray();
                return new ValidatedReply(ModelValidator.Validate(manifest, files, ringers, provider, cancellation: cancel).ToItem());
            }

            _pipeline = Pipeline.Load(manifest, files, provider);
            _segments = load.KeepFiles ? new(manifest, files, _pipeline) : null;
            return new LoadedReply(ExecutionProviders.NameOf(_pipeline.Provider), _pipeline.FallbackReason, _pipeline.BatchMax);
        }
        catch (PipelineException e)
        {
            return new RefusedReply(e.Errors);
        }
        catch (JsonException e)
        {
            return new RefusedReply([new(e.Path ?? "$", "invalid", $"the manifest cannot be read: {e.Message}")]);
        }
    }

    private RanReply RunInput(ReadOnlySpan<byte> input, CancellationToken cancel)
    {
        var run = Loaded.Run(input, cancel);
        return new(MemoryErrors.Unify(run.Output), run.ModelMs);
    }

    private void Send(WorkerReply reply)
    {
        _output.Write(Frames.Encode(reply));
        _output.Flush();
    }
}
