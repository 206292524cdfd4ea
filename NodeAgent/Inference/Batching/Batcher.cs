using Microsoft.ML.OnnxRuntime;
using PiGrid.Inference.Sessions;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Inference.Batching;

/// <summary>
/// Runs several inputs through the model at once, where that gives what running each alone would give. An input that does not fit in, and every input of
/// a batch that comes to nothing, is run alone; an error is only ever given out of such a run, so that no input answers for its neighbours.
/// </summary>
/// <param name="pipeline">What prepares, runs and finishes.</param>
/// <param name="manifest">Its manifest.</param>
/// <param name="max">The most inputs of one run, by <see cref="BatchFit"/>.</param>
/// <param name="time">The clock of the time limit and timings.</param>
internal sealed class Batcher(Pipeline pipeline, ModelManifest manifest, int max, TimeProvider time)
{
    /// <summary>The bytes of tensors at which a batch is full. The model's memory limit is meant for one input, so a batch has a small part of it.</summary>
    private readonly long _bytesMax = Math.Min(32L << 20, ((long)manifest.Limits.MemoryMib << 20) / 32);

    private readonly Comparator _comparator = Comparator.Of(manifest);
    private BatchTrust _trust = new(max);

    /// <summary>The most inputs of one run, at least 1; it falls when batches prove to be none.</summary>
    public int Max => _trust.Max;

    /// <summary>Runs the inputs.</summary>
    /// <returns>A run for each, in order.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> ended it.</exception>
    public IReadOnlyList<ItemRun> Run(IReadOnlyList<byte[]> inputs, CancellationToken cancellation)
    {
        var runs = new ItemRun?[inputs.Count];
        for (var next = 0; next < inputs.Count - 1 && Max > 1;)
        {
            foreach (var group in Take(inputs, ref next, cancellation).GroupBy(m => BatchTensors.KindOf(m.Prepared.Tensors), StringComparer.Ordinal))
            {
                if (group.Count() > 1 && Max > 1)
                {
                    RunGroup([.. group], inputs, runs, cancellation);
                }
            }
        }

        return [.. runs.Select((run, i) => run ?? pipeline.Run(inputs[i], cancellation))];
    }

    /// <summary>Prepares the next inputs until a batch is full.</summary>
    /// <returns>Those that can be part of one.</returns>
    private List<BatchMember> Take(IReadOnlyList<byte[]> inputs, ref int next, CancellationToken cancellation)
    {
        List<BatchMember> members = [];
        for (var bytes = 0L; next < inputs.Count && members.Count < Max && bytes < _bytesMax; next++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TryPrepare(inputs[next], next) is { } member && member.Bytes <= _bytesMax)
            {
                members.Add(member);
                bytes += member.Bytes;
            }
        }

        return members;
    }

    private BatchMember? TryPrepare(byte[] input, int index)
    {
        if (input.Length > manifest.Limits.InputBytes)
        {
            return null;
        }

        try
        {
            var start = time.GetTimestamp();
            var prepared = pipeline.Prepare(input);
            return BatchTensors.RowsOf(prepared.Tensors) is { } rows ? new(index, prepared, rows, time.GetElapsedTime(start).TotalMilliseconds) : null;
        }
        catch (Exception e) when (e is ItemException or OnnxRuntimeException or OverflowException)
        {
            return null;
        }
    }

    private void RunGroup(IReadOnlyList<BatchMember> members, IReadOnlyList<byte[]> inputs, ItemRun?[] runs, CancellationToken cancellation)
    {
        // A batch of one input several times proves nothing: what mixes rows may well make the same of rows that are the same.
        if (!_trust.IsProven && Evidence(members) == 0)
        {
            return;
        }

        if (TryRun(members, cancellation) is { } batch)
        {
            Compare(members, batch, inputs, runs, cancellation);
            return;
        }

        foreach (var member in members)
        {
            runs[member.Index] = pipeline.Run(inputs[member.Index], cancellation);
        }

        if (members.All(m => runs[m.Index]!.Value.Output.Error is null))
        {
            _trust = _trust.Failed();
        }
    }

    /// <summary>Runs a batch; null when it comes to nothing.</summary>
    private ItemRun[]? TryRun(IReadOnlyList<BatchMember> members, CancellationToken cancellation)
    {
        var rows = members.Select(m => m.Rows).ToArray();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(manifest.Limits.SecondsPerInput * members.Count), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            var start = time.GetTimestamp();
            var outputs = pipeline.RunModel(BatchTensors.Concatenate([.. members.Select(m => m.Prepared.Tensors)]), either.Token);
            var modelMs = time.GetElapsedTime(start).TotalMilliseconds;
            if (BatchTensors.Split(outputs, rows) is { } parts)
            {
                return [.. members.Select((m, i) => Finish(m, parts[i], modelMs * m.Rows / rows.Sum()))];
            }

            _trust = _trust.Refuted();
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is ModelException or OnnxRuntimeException or OverflowException or OutOfMemoryException)
        {
            // Alone, each of them needs less, and says for itself what is wrong.
            return null;
        }
    }

    private ItemRun Finish(BatchMember member, IReadOnlyList<TensorData> outputs, double modelMs)
    {
        var start = time.GetTimestamp();
        var output = pipeline.Finish(outputs, member.Prepared.Geometry);
        return new(output, modelMs, member.PrepareMs + modelMs + time.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>Holds a batch against runs of its inputs alone, where that is due, and gives out those; the rest of it only if none disagrees.</summary>
    private void Compare(
        IReadOnlyList<BatchMember> members, ItemRun[] batch, IReadOnlyList<byte[]> inputs, ItemRun?[] runs, CancellationToken cancellation)
    {
        var isDue = _trust.ChecksNext;
        List<BatchMember> agreed = [];
        for (var i = 0; i < batch.Length; i++)
        {
            if (!isDue && batch[i].Output.Error is null)
            {
                continue;
            }

            var alone = pipeline.Run(inputs[members[i].Index], cancellation);
            runs[members[i].Index] = alone;
            if (OutputComparer.Compare(_comparator, batch[i].Output, alone.Output) != Agreement.Agree)
            {
                _trust = _trust.Refuted();
            }
            else if (alone.Output.Error is null)
            {
                agreed.Add(members[i]);
            }
        }

        _trust = isDue ? _trust.Agreed(Evidence(agreed)) : _trust.Believed();
        for (var i = 0; i < batch.Length && Max > 1; i++)
        {
            runs[members[i].Index] ??= batch[i];
        }
    }

    /// <summary>How many inputs of a batch prove something when they agree: those that are not the same.</summary>
    private static int Evidence(IReadOnlyList<BatchMember> members) => members.DistinctBy(m => m.Digest, StringComparer.Ordinal).Count() is > 1 and var count ? count : 0;
}
