namespace Orleans.Embedded;

/// <summary>What a frame is.</summary>
internal enum FrameKind : byte
{
    Hello = 1,
    Welcome,
    Refused,
    Call,
    Answer,
    Cancel,
}

/// <summary>One connection between a client and the silo after the handshake. Both ends may call: the silo calls observers.</summary>
internal sealed partial class GatewayConnection(
    FrameChannel channel, GrainRuntime runtime, int bodySizeMax, Func<GrainId, Exception> lost, ILogger logger)
{
    private static readonly Codec<Dictionary<string, object>?> Contexts = Codecs.For<Dictionary<string, object>?>();
    private readonly ConcurrentDictionary<long, Call> _sent = new();
    private readonly ConcurrentDictionary<long, Call> _received = new();
    private long _lastId;
    private volatile bool _closed;

    /// <summary>Serves until the stream ends; then fails what was not answered.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var writing = channel.WriteAllAsync();
        try
        {
            while (await channel.ReadAsync(Receive, bodySizeMax, cancellationToken))
            {
            }
        }
        catch (Exception failure) when (failure is SerializerException) { LogBadFrame(failure); }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or ObjectDisposedException)
        {
            LogLost(failure);
        }
        _closed = true;
        await channel.DisposeAsync();
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var (id, call) in _sent)
        {
            _sent.TryRemove(id, out _);
            call.Fail(lost(call.Target));
        }
    }

    /// <summary>Sends a call to the other end; its answer completes it.</summary>
    public void Send(Call call)
    {
        var id = call.Method.OneWay ? 0 : Interlocked.Increment(ref _lastId);
        var frame = new WireWriter();
        try
        {
            frame.Raw(FrameKind.Call);
            frame.Raw(id);
            frame.Raw((long)call.ResponseTimeout.TotalMilliseconds);
            frame.Id(call.Target);
            frame.Text(call.Method.Interface.Name);
            frame.Text(call.Method.Name);
            Contexts.Write(frame, call.Context);
            call.Method.WriteArguments(frame, call.Arguments);
            frame.Frame(bodySizeMax);
        }
        catch (Exception failure)
        {
            frame.Dispose();
            call.Fail(failure);
            return;
        }
        if (id != 0)
        {
            _sent[id] = call;
            call.SentBy(this, id);
        }
        if (!channel.Send(frame) || _closed)
        {
            _sent.TryRemove(id, out _);
            call.Fail(lost(call.Target));
        }
    }

    /// <summary>Tells the other end that the caller gave up.</summary>
    public void Cancel(long id)
    {
        var frame = new WireWriter();
        frame.Raw(FrameKind.Cancel);
        frame.Raw(id);
        channel.Send(frame);
    }

    /// <summary>A sent call is settled, by its answer or without.</summary>
    public void Forget(long id) => _sent.TryRemove(id, out _);

    private void Receive(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body, runtime);
        switch (reader.Raw<FrameKind>())
        {
            case FrameKind.Call:
                ReceiveCall(ref reader);
                break;
            case FrameKind.Answer:
                if (_sent.TryRemove(reader.Raw<long>(), out var answered)) { ReceiveAnswer(ref reader, answered); }
                break;
            case FrameKind.Cancel:
                if (_received.TryGetValue(reader.Raw<long>(), out var cancelled)) { cancelled.CancelCallee(); }
                break;
            default:
                throw new SerializerException("A frame of an unknown kind was received.");
        }
    }

    private static void ReceiveAnswer(ref WireReader reader, Call call)
    {
        try { call.ReadOutcome(ref reader); }
        catch (Exception failure)
        {
            call.Fail(failure as SerializerException ?? new SerializerException($"The answer to {call} cannot be read.", failure));
        }
    }

    private void ReceiveCall(ref WireReader reader)
    {
        var id = reader.Raw<long>();
        try
        {
            var patience = TimeSpan.FromMilliseconds(reader.Raw<long>());
            var target = reader.Id();
            var (type, name) = (reader.Text(), reader.Text());
            var method = ApplicationParts.Current.Interfaces.GetValueOrDefault(type)?.Method(name)
                ?? throw new SerializerException($"There is no grain method {type}.{name} here.");
            var context = Contexts.Read(ref reader);
            var call = method.Inbound(runtime, target, method.ReadArguments(ref reader));
            call.Accept(context, patience);
            if (id != 0)
            {
                _received[id] = call;
                call.Completion.ContinueWith(_ => Answer(id, call), TaskScheduler.Default);
            }
            call.SendInbound();
        }
        catch (Exception failure) when (id != 0) { Answer(id, failure); }
        catch (Exception failure) { LogBadFrame(failure); }
    }

    private void Answer(long id, Call call)
    {
        _received.TryRemove(id, out _);
        var frame = new WireWriter();
        try
        {
            frame.Raw(FrameKind.Answer);
            frame.Raw(id);
            call.WriteOutcome(frame);
            channel.Send(frame);
        }
        catch (Exception failure)
        {
            frame.Dispose();
            Answer(id, failure);
        }
    }

    private void Answer(long id, Exception failure)
    {
        var frame = new WireWriter();
        frame.Raw(FrameKind.Answer);
        frame.Raw(id);
        ExceptionCodec.Write(frame, failure);
        channel.Send(frame);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A gateway connection sent what cannot be read and is closed")]
    private partial void LogBadFrame(Exception failure);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A gateway connection ended")]
    private partial void LogLost(Exception failure);
}
