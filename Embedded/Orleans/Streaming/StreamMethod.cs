namespace Orleans.Embedded;

/// <summary>
/// A method that returns a stream. Its call makes an enumerator in the activation and answers with its id; batches are then
/// pulled by <see cref="IStreamParts"/>. All of that interleaves, so a stream does not block its grain.
/// </summary>
internal sealed class StreamMethod<T>(GrainInterface owner, MethodInfo info) : GrainMethod(owner, info), ICallable<Guid>
{
    private readonly Lazy<Func<object, object?[], IAsyncEnumerable<T>>> _invoke =
        new(() => MethodCompiler.Compile<IAsyncEnumerable<T>>(info, call => call));

    public override object? Send(GrainReference target, object?[] arguments) => new GrainStream<T>(this, target, CopyArguments(arguments));

    public Task<Guid> StartAsync(GrainReference target, object?[] arguments)
    {
        var call = new Call<Guid>(this, this, target.Runtime, target.GrainId, [.. arguments]);
        call.Send();
        return call.Task;
    }

    public override Call Inbound(GrainRuntime runtime, GrainId target, object?[] arguments) =>
        new Call<Guid>(this, this, runtime, target, arguments);

    public ValueTask<Guid> Invoke(Activation? activation, object instance, object?[] arguments)
    {
        var cancellation = new CancellationTokenSource();
        // The call's own token ends with this call, the stream lives on until it is ended.
        if (TokenIndex >= 0) { arguments[TokenIndex] = cancellation.Token; }
        var stream = _invoke.Value(instance, arguments).GetAsyncEnumerator(cancellation.Token);
        return new(activation!.Enumerators.Add(new Enumerators.Entry<T>(stream, cancellation)));
    }

    public Guid CopyResult(Guid result) => result;

    public void WriteResult(WireWriter writer, Guid result) => writer.Raw(result);

    public Guid ReadResult(ref WireReader reader) => reader.Raw<Guid>();
}

/// <summary>How a stream that was started goes on. A batch is a list of the stream's items.</summary>
internal interface IStreamParts : IAddressable
{
    [AlwaysInterleave]
    Task<StreamBatch> Next(Guid id, int batchSizeMax, CancellationToken cancellationToken);

    [AlwaysInterleave]
    Task End(Guid id);
}

/// <summary>What one pull brings.</summary>
[GenerateSerializer]
internal readonly record struct StreamBatch([property: Id(0)] StreamState State, [property: Id(1)] object? Items = null);

internal enum StreamState : byte
{
    /// <summary>Nothing yet: pull again.</summary>
    Waiting,

    /// <summary>There are items, and perhaps more.</summary>
    Items,

    /// <summary>These were the last.</summary>
    Completed,

    /// <summary>The activation does not know the stream: it was deactivated meanwhile.</summary>
    Missing,
}
