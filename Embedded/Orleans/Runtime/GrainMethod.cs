using System.Linq.Expressions;

namespace Orleans.Embedded;

/// <summary>A method of a grain interface: its attributes, how arguments are copied, and how it is called.</summary>
internal sealed class GrainMethod {
    private static readonly Codec Tokens = new ValueCodec<CancellationToken>(static (_, _) => { }, static (ref _) => default);
    private readonly Lazy<Func<object, object?[], object?>> _invoke;
    private readonly Lazy<Codec[]> _codecs;
    private readonly Lazy<Codec> _result;
    private readonly Func<Outcome> _outcome;
    private readonly Type _returns;
    private readonly Type? _stream;
    private readonly bool[] _shared;

    public GrainMethod(GrainInterface owner, MethodInfo info) {
        var parameters = info.GetParameters();
        (Interface, _returns, DisplayName) = (owner, info.ReturnType, $"{owner.Name}.{info.Name}");
        Name = info.GetCustomAttribute<AliasAttribute>()?.Alias ?? $"{info.Name}/{parameters.Length}";
        var definition = _returns.IsGenericType ? _returns.GetGenericTypeDefinition() : _returns;
        _stream = definition == typeof(IAsyncEnumerable<>) ? _returns.GetGenericArguments()[0] : null;
        var result = _stream is not null ? typeof(Guid)
            : definition == typeof(Task<>) || definition == typeof(ValueTask<>) ? _returns.GetGenericArguments()[0]
            : definition == typeof(Task) || definition == typeof(ValueTask) || definition == typeof(void) ? typeof(Unit)
            : throw new NotSupportedException(
                $"{DisplayName} returns {_returns}: a grain method returns Task, ValueTask, IAsyncEnumerable or void.");
        OneWay = info.IsDefined(typeof(OneWayAttribute)) || _returns == typeof(void);
        ReadOnly = info.IsDefined(typeof(ReadOnlyAttribute));
        AlwaysInterleave = info.IsDefined(typeof(AlwaysInterleaveAttribute)) || _stream is not null;
        Timeout = info.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        var tokens = parameters.Where(parameter => parameter.ParameterType == typeof(CancellationToken)).ToList();
        TokenIndex = tokens.Count == 0 ? -1 : tokens.Count == 1 ? tokens[0].Position : throw new NotSupportedException(
            $"{DisplayName} takes {tokens.Count} cancellation tokens; a grain method takes one at most.");
        _shared = [.. parameters.Select(parameter => parameter.IsDefined(typeof(ImmutableAttribute)))];
        _codecs = new(() => [.. parameters.Select(p => p.Position == TokenIndex ? Tokens : Codecs.For(p.ParameterType))]);
        _result = new(() => Codecs.For(result));
        _outcome = typeof(GrainMethod).GetMethod(nameof(NewOutcomeOf), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(result).CreateDelegate<Func<Outcome>>();
        _invoke = new(() => Compile(info));
    }

    public GrainInterface Interface { get; }

    public string Name { get; }

    public string DisplayName { get; }

    public bool OneWay { get; }

    public bool ReadOnly { get; }

    public bool AlwaysInterleave { get; }

    public TimeSpan? Timeout { get; }

    /// <summary>The place of the cancellation token among the arguments, or -1. Cancelling goes by a message of its own.</summary>
    public int TokenIndex { get; }

    /// <summary>Calls the method on a reference's grain; what a proxy returns.</summary>
    public object? Send(GrainReference target, object?[] arguments) {
        if (_stream is not null) {
            return Activator.CreateInstance(typeof(GrainStream<>).MakeGenericType(_stream), this, target, CopyArguments(arguments));
        }
        var outcome = Start(target, arguments);
        if (OneWay && !outcome.Task.IsCompleted) { outcome.TrySet(null); }
        return _returns == typeof(void) ? null : typeof(Task).IsAssignableFrom(_returns) ? outcome.Task
            : _returns == typeof(ValueTask) ? new ValueTask(outcome.Task) : outcome.AsValueTask();
    }

    public Outcome Start(GrainReference target, object?[] arguments) {
        var call = new Call(this, target.Runtime, target.GrainId, arguments);
        call.Send();
        return call.Outcome;
    }

    public Outcome NewOutcome() => _outcome();

    /// <summary>Runs the method on a grain or observer. A stream starts with its enumerator, whose id is the result.</summary>
    public ValueTask<object?> InvokeAsync(Outcome outcome, Activation? activation, object instance, object?[] arguments) {
        if (_stream is null) {
            var target = Interface.Type == typeof(IStreamParts) ? activation!.Enumerators : instance;
            return outcome.UnwrapAsync(_invoke.Value(target, arguments));
        }
        var cancellation = new CancellationTokenSource();
        // The call's own token ends with this call, the stream lives on until it is ended.
        if (TokenIndex >= 0) { arguments[TokenIndex] = cancellation.Token; }
        var entry = typeof(Enumerators.Entry<>).MakeGenericType(_stream);
        return new(activation!.Enumerators.Add((Enumerators.Entry)Activator.CreateInstance(
            entry, _invoke.Value(instance, arguments), cancellation)!));
    }

    public object? CopyResult(object? result) => _result.Value.Copy(result, 0);

    public void WriteResult(WireWriter writer, object? result) => _result.Value.Write(writer, result);

    public object? ReadResult(ref WireReader reader) => _result.Value.Read(ref reader);

    /// <summary>Replaces arguments by copies where the callee could see a change.</summary>
    public object?[] CopyArguments(object?[] arguments) {
        for (var i = 0; i < arguments.Length; i++) {
            if (!_shared[i] && !_codecs.Value[i].IsImmutable) { arguments[i] = _codecs.Value[i].Copy(arguments[i], 0); }
        }
        return arguments;
    }

    public void WriteArguments(WireWriter writer, object?[] arguments) {
        for (var i = 0; i < arguments.Length; i++) { _codecs.Value[i].Write(writer, arguments[i]); }
    }

    public object?[] ReadArguments(ref WireReader reader) {
        var arguments = new object?[_shared.Length];
        for (var i = 0; i < arguments.Length; i++) { arguments[i] = _codecs.Value[i].Read(ref reader); }
        return arguments;
    }

    private static Outcome<T> NewOutcomeOf<T>() => new();

    private static Func<object, object?[], object?> Compile(MethodInfo info) {
        var (instance, arguments) = (Expression.Parameter(typeof(object)), Expression.Parameter(typeof(object[])));
        var values = info.GetParameters().Select((parameter, i) =>
            Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(i)), parameter.ParameterType));
        Expression call = Expression.Call(Expression.Convert(instance, info.DeclaringType!), info, values);
        call = call.Type == typeof(void) ? Expression.Block(call, Expression.Constant(null)) : Expression.Convert(call, typeof(object));
        return Expression.Lambda<Func<object, object?[], object?>>(call, instance, arguments).Compile();
    }
}
