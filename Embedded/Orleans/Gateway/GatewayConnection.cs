namespace Orleans.Embedded;

/// <summary>One connection between a client and the silo after the handshake. Both ends may call: the silo calls observers.</summary>
internal sealed partial class GatewayConnection(
    FrameChannel channel, GrainRuntime runtime, int bodySizeMax, Func<GrainId, Exception> lost, ILogger logger) {
    private static readonly NullableCodec Contexts = new(Codecs.Exact(typeof(Dictionary<string, object>)));
    private readonly ConcurrentDictionary<long, Call> _sent = new();
    private readonly ConcurrentDictionary<long, Call> _received = new();
    private long _lastId;
    private volatile bool _closed;

    private enum FrameKind : byte { Call = 1, Answer, Cancel }

    /// <summary>Serves until the stream ends; then fails what was not answered.</summary>
    public async Task RunAsync(CancellationToken cancellationToken) {
        try {
            while (await channel.ReadAsync(Receive, bodySizeMax, cancellationToken)) { }
        }
        catch (Exception failure) {
            if (failure is SerializerException) { LogBadFrame(failure); }
        }
        _closed = true;
        await channel.DisposeAsync();
        foreach (var call in _sent.Values) { call.Fail(lost(call.Target)); }
    }

    public void Send(Call call) {
        var id = call.Method.OneWay ? 0 : Interlocked.Increment(ref _lastId);
        try {
            var frame = NewFrame(FrameKind.Call, id);
            frame.Raw((long)call.ResponseTimeout.TotalMilliseconds);
            frame.Id(call.Target);
            frame.Text(call.Method.Interface.Name);
            frame.Text(call.Method.Name);
            Contexts.Write(frame, call.Context);
            call.Method.WriteArguments(frame, call.Arguments);
            frame.Frame(bodySizeMax);
            if (id != 0) {
                _sent[id] = call;
                call.WentTo(() => channel.Send(NewFrame(FrameKind.Cancel, id)));
                call.Outcome.Task.ContinueWith(_ => _sent.TryRemove(id, out var _), TaskContinuationOptions.ExecuteSynchronously);
            }
            if (!channel.Send(frame) || _closed) { call.Fail(lost(call.Target)); }
        }
        catch (Exception failure) { call.Fail(failure); }
    }

    private static WireWriter NewFrame(FrameKind kind, long id) {
        var frame = new WireWriter();
        frame.Raw(kind);
        frame.Raw(id);
        return frame;
    }

    private void Receive(ReadOnlySpan<byte> body) {
        var reader = new WireReader(body, runtime);
        var (kind, id) = (reader.Raw<FrameKind>(), reader.Raw<long>());
        switch (kind) {
            case FrameKind.Call:
                ReceiveCall(id, ref reader);
                break;
            case FrameKind.Answer when _sent.TryRemove(id, out var answered):
                try { answered.ReadOutcome(ref reader); }
                catch (Exception failure) { answered.Fail(new SerializerException($"The answer to {answered} cannot be read: {failure.Message}")); }
                break;
            case FrameKind.Cancel when _received.TryGetValue(id, out var cancelled):
                cancelled.CancelCallee();
                break;
            case FrameKind.Answer or FrameKind.Cancel:
                break;
            default:
                throw new SerializerException($"There is no frame of the kind {kind}.");
        }
    }

    private void ReceiveCall(long id, ref WireReader reader) {
        try {
            var (patience, target) = (TimeSpan.FromMilliseconds(reader.Raw<long>()), reader.Id());
            var (type, name) = (reader.Text(), reader.Text());
            var method = ApplicationParts.Current.Interfaces.GetValueOrDefault(type)?.Method(name)
                ?? throw new SerializerException($"There is no grain method {type}.{name} here.");
            var context = (Dictionary<string, object>?)Contexts.Read(ref reader);
            var call = new Call(method, runtime, target, method.ReadArguments(ref reader));
            if (id != 0) {
                _received[id] = call;
                call.Outcome.Task.ContinueWith(_ => Answer(id, call.WriteOutcome), TaskScheduler.Default);
            }
            call.SendInbound(context, patience);
        }
        catch (Exception failure) { Answer(id, frame => ExceptionCodec.OrNull.Write(frame, failure)); }
    }

    private void Answer(long id, Action<WireWriter> write) {
        _received.TryRemove(id, out _);
        try {
            var frame = NewFrame(FrameKind.Answer, id);
            write(frame);
            channel.Send(frame);
        }
        catch (Exception failure) {
            var frame = NewFrame(FrameKind.Answer, id);
            ExceptionCodec.OrNull.Write(frame, new SerializerException($"The answer cannot be sent: {failure.Message}"));
            channel.Send(frame);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A gateway connection sent what cannot be read and is closed")]
    private partial void LogBadFrame(Exception failure);
}
