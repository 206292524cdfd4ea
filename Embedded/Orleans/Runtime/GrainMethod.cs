namespace Orleans.Embedded;

/// <summary>A method of a grain interface: its attributes, how arguments are copied, and how it is called.</summary>
internal abstract class GrainMethod
{
    private static readonly Codec Tokens = new ValueCodec<CancellationToken>(static (_, _) => { }, static (ref _) => default);
    private readonly Lazy<Codec[]> _codecs;
    private readonly bool[] _shared;

    protected GrainMethod(GrainInterface owner, MethodInfo info)
    {
        var parameters = info.GetParameters();
        (Interface, Info, DisplayName) = (owner, info, $"{owner.Name}.{info.Name}");
        Name = info.GetCustomAttribute<AliasAttribute>()?.Alias ?? $"{info.Name}/{parameters.Length}";
        OneWay = info.IsDefined(typeof(OneWayAttribute)) || info.ReturnType == typeof(void);
        ReadOnly = info.IsDefined(typeof(ReadOnlyAttribute));
        AlwaysInterleave = info.IsDefined(typeof(AlwaysInterleaveAttribute)) || IsStream(info);
        Timeout = info.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        TokenIndex = Array.FindIndex(parameters, parameter => parameter.ParameterType == typeof(CancellationToken));
        _shared = [.. parameters.Select(parameter => parameter.IsDefined(typeof(ImmutableAttribute)))];
        _codecs = new(() => [.. parameters.Select(parameter =>
            parameter.ParameterType == typeof(CancellationToken) ? Tokens : Codecs.For(parameter.ParameterType))]);
    }

    public GrainInterface Interface { get; }

    public MethodInfo Info { get; }

    /// <summary>The name on the wire, unique in the interface.</summary>
    public string Name { get; }

    public string DisplayName { get; }

    public bool OneWay { get; }

    public bool ReadOnly { get; }

    public bool AlwaysInterleave { get; }

    public TimeSpan? Timeout { get; }

    /// <summary>The place of the cancellation token among the arguments, or -1. Cancelling goes by a message of its own.</summary>
    public int TokenIndex { get; }

    public static GrainMethod Create(GrainInterface owner, MethodInfo info)
    {
        var returns = info.ReturnType;
        if (info.GetParameters().Count(parameter => parameter.ParameterType == typeof(CancellationToken)) > 1)
        {
            throw new NotSupportedException($"{owner.Name}.{info.Name} takes two cancellation tokens; a grain method takes one at most.");
        }
        if (returns == typeof(Task) || returns == typeof(ValueTask) || returns == typeof(void)) { return new ResultMethod<Unit>(owner, info); }
        var definition = returns.IsGenericType ? returns.GetGenericTypeDefinition() : null;
        var kind = definition == typeof(Task<>) || definition == typeof(ValueTask<>) ? typeof(ResultMethod<>)
            : IsStream(info) ? typeof(StreamMethod<>)
            : throw new NotSupportedException(
                $"{owner.Name}.{info.Name} returns {returns}: a grain method returns Task, ValueTask, IAsyncEnumerable or void.");
        return (GrainMethod)Activator.CreateInstance(kind.MakeGenericType(returns.GetGenericArguments()), owner, info)!;
    }

    /// <summary>Calls the method on a reference's grain; what a proxy returns.</summary>
    public abstract object? Send(GrainReference target, object?[] arguments);

    /// <summary>A call that came over the wire; its result goes back by <see cref="Call.WriteOutcome"/>.</summary>
    public abstract Call Inbound(GrainRuntime runtime, GrainId target, object?[] arguments);

    /// <summary>Replaces arguments by copies where the callee could see a change.</summary>
    public object?[] CopyArguments(object?[] arguments)
    {
        var codecs = _codecs.Value;
        for (var i = 0; i < codecs.Length; i++)
        {
            if (!_shared[i] && !codecs[i].IsImmutable) { arguments[i] = codecs[i].CopyObject(arguments[i], 0); }
        }
        return arguments;
    }

    public void WriteArguments(WireWriter writer, object?[] arguments)
    {
        for (var i = 0; i < arguments.Length; i++) { _codecs.Value[i].WriteObject(writer, arguments[i]); }
    }

    public object?[] ReadArguments(ref WireReader reader)
    {
        var arguments = new object?[_codecs.Value.Length];
        for (var i = 0; i < arguments.Length; i++) { arguments[i] = _codecs.Value[i].ReadObject(ref reader); }
        return arguments;
    }

    private static bool IsStream(MethodInfo info) =>
        info.ReturnType.IsGenericType && info.ReturnType.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>);
}
