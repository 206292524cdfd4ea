using System.Runtime.CompilerServices;
using PiGrid.Grains.Storage;
using PiGrid.Verification;

namespace PiGrid.Grains.Jobs;

// What a job gives back: outputs in the order of its inputs, and the inputs that failed for another try.
internal sealed partial class JobGrain
{
    public async IAsyncEnumerable<JobResult> ReadResults(int from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!Exists)
        {
            yield break;
        }

        await EnsureInputs(cancellationToken);
        for (var shard = from / record.State.ShardSize; shard < record.State.ShardCount; shard++)
        {
            var closed = record.State.Progress.IsClosed(shard);
            if (!closed && Running)
            {
                yield break;
            }

            foreach (var result in await ShardResults(shard, closed, cancellationToken))
            {
                if (result.Index >= from)
                {
                    yield return result;
                }
            }
        }
    }

    public async Task<JobSpec?> PrepareRetry()
    {
        if (!Exists || Running || record.State.Work!.Kind == WorkKind.Validate)
        {
            return null;
        }

        var failed = new List<JobInput>();
        await EnsureInputs(CancellationToken.None);
        await foreach (var result in ReadResults(0, CancellationToken.None))
        {
            if (result.Output.Error is not null)
            {
                failed.Add(await ReadInput(result.Index));
            }
        }

        var spec = record.State.Spec! with { RetryOf = _id, Deadline = null, Batch = null };
        return failed.Count == 0 ? null
            : failed.Count <= options.Value.InputsMax ? spec with { Inputs = failed }
            : spec with { InputIndex = await blobs.PutBytesAsync(InputIndex.Write(failed), CancellationToken.None) };
    }

    private async Task<JobInput> ReadInput(int index)
    {
        var (first, count) = JobRules.InputsOf(record.State, index / record.State.ShardSize);
        return (await _inputs!.ReadAsync(first, count, CancellationToken.None))[index - first];
    }

    private async Task<IReadOnlyList<JobResult>> ShardResults(int shard, bool closed, CancellationToken cancellationToken)
    {
        var (first, count) = JobRules.InputsOf(record.State, shard);
        var inputs = await _inputs!.ReadAsync(first, count, cancellationToken);
        var result = closed ? await ShardOf(shard).GetResult() : null;
        var why = record.State.Error ?? record.State.Progress.LastError ?? "the shard was given up";
        return inputs.Select((input, i) => new JobResult
        {
            Index = first + i,
            Name = input.Name,
            Output = result is not null && i < result.Output.Items.Count
                ? result.Output.Items[i]
                : new ItemOutput { Error = new ItemError(ItemErrorCode.GivenUp, why) },
            Receipt = result?.Receipt.Body.Id,
            Agreed = result?.Receipt.Body.Replicas.Count(r => r.Agreed) ?? 0,
            Replicas = result?.Replicas ?? 0,
            Provisional = Running && JobRules.IsAdaptive(record.State),
            Credibility = result is null ? null : record.State.Delivery?.CredibilityOf(result.Outcome),
        }).ToArray();
    }
}
