namespace Orleans.Embedded;

/// <summary>
/// A method that returns a stream. Its call makes an enumerator in the activation and answers with its id; two further methods
/// pull batches from it and end it. All of them interleave, so a stream does not block its grain.
/// </summary>
internal sealed class StreamMethod<T>(GrainInterface owner, MethodInfo info) : GrainMethod(owner, info, ".start"), ICallable<Guid>
{
    private readonly Lazy<Func<object, object?[], IAsyncEnumerable<T>>> _invoke =
        new(() => MethodCompiler.Compile<IAsyncEnumerable<T>>(info, call => call));

    private readonly Codec<Guid> _codec = Codecs.For<Guid>();

    public Part<StreamBatch<T>> NextPart { get; } = new(
        owner, info, nameof(IStreamParts<T>.Next),
        (activation, arguments) => activation.Enumerators.NextAsync<T>((Guid)arguments[0]!, (int)arguments[1]!, activation.Runtime.ResponseTimeout));

    public Part<Unit> EndPart { get; } = new(
        owner, info, nameof(IStreamParts<T>.End),
        (activation, arguments) => activation.Enumerators.EndAsync((Guid)arguments[0]!));

    public override IEnumerable<GrainMethod> WithParts() => [this, NextPart, EndPart];

    public override object? Send(GrainReference target, object?[] arguments) =>
        new GrainStream<T>(this, target, CopyArguments(arguments));

    public Task<Guid> StartAsync(GrainReference target, object?[] arguments)
    {
        var call = new Call<Guid>(this, this, target.Runtime, target.GrainId, [.. arguments]);
        call.Send();
        return call.Task;
    }

    public override Call Inbound(GrainRuntime runtime, GrainId target, object?[] arguments) =>
        new Call<Guid>(this, this, runtime, target, arguments) { KeepsResult = true };

    public ValueTask<Guid> Invoke(Activation? activation, object instance, object?[] arguments)
    {
        var streams = (activation ?? throw new NotSupportedException("Observers cannot return streams.")).Enumerators;
        var cancellation = new CancellationTokenSource();
        if (TokenIndex >= 0)
        {
            // The call's own token ends with this call, the stream lives on until it is ended.
            arguments[TokenIndex] = cancellation.Token;
        }
        return new(streams.Start(_invoke.Value(instance, arguments), cancellation));
    }

    public Guid CopyResult(Guid result) => result;

    public void WriteResult(WireWriter writer, Guid result) => _codec.Write(writer, result);

    public Guid ReadResult(ref WireReader reader) => _codec.Read(ref reader);

    /// <summary>A method of <see cref="IStreamParts{T}"/>.</summary>
    internal sealed class Part<TResult>(
        GrainInterface owner, MethodInfo stream, string part, Func<Activation, object?[], Task<TResult>> run)
        : GrainMethod(owner, typeof(IStreamParts<T>).GetMethod(part)!, $".{stream.Name}/{stream.GetParameters().Length}"),
            ICallable<TResult>
    {
        private readonly Lazy<Codec<TResult>> _codec = new(Codecs.For<TResult>);

        public Task<TResult> SendAsync(GrainReference target, params object?[] arguments)
        {
            var call = new Call<TResult>(this, this, target.Runtime, target.GrainId, arguments);
            call.Send();
            return call.Task;
        }

        public override object? Send(GrainReference target, object?[] arguments) => SendAsync(target, arguments);

        public override Call Inbound(GrainRuntime runtime, GrainId target, object?[] arguments) =>
            new Call<TResult>(this, this, runtime, target, arguments) { KeepsResult = true };

        public async ValueTask<TResult> Invoke(Activation? activation, object instance, object?[] arguments) =>
            await run(activation!, arguments);

        public TResult CopyResult(TResult result) => _codec.Value.Copy(result, 0);

        public void WriteResult(WireWriter writer, TResult result) => _codec.Value.Write(writer, result);

        public TResult ReadResult(ref WireReader reader) => _codec.Value.Read(ref reader);
    }
}
