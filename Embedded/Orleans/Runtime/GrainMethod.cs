namespace Orleans.Embedded;

/// <summary>A method of a grain interface: its attributes, how arguments are copied, and how it is called.</summary>
internal abstract class GrainMethod
{
    private readonly Lazy<Codec[]> _codecs;
    private readonly bool[] _shared;

    protected GrainMethod(GrainInterface owner, MethodInfo info, string? suffix = null)
    {
        var parameters = info.GetParameters();
        (Interface, Info) = (owner, info);
        Name = (info.GetCustomAttribute<AliasAttribute>()?.Alias ?? $"{info.Name}/{parameters.Length}") + suffix;
        DisplayName = $"{owner.Name}.{info.Name}";
        OneWay = info.IsDefined(typeof(OneWayAttribute)) || info.ReturnType == typeof(void);
        ReadOnly = info.IsDefined(typeof(ReadOnlyAttribute));
        AlwaysInterleave = info.IsDefined(typeof(AlwaysInterleaveAttribute)) || suffix is not null;
        Timeout = info.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        TokenIndex = Array.FindIndex(parameters, parameter => parameter.ParameterType == typeof(CancellationToken));
        _shared = [.. parameters.Select(parameter => parameter.IsDefined(typeof(ImmutableAttribute)))];
        _codecs = new(() => [.. parameters.Select(parameter =>
            parameter.ParameterType == typeof(CancellationToken) ? new TokenCodec() : Codecs.For(parameter.ParameterType))]);
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

    /// <summary>The place of the cancellation token among the arguments, or -1.</summary>
    public int TokenIndex { get; }

    public static GrainMethod Create(GrainInterface owner, MethodInfo info)
    {
        var returns = info.ReturnType;
        var definition = returns.IsGenericType ? returns.GetGenericTypeDefinition() : null;
        if (info.GetParameters().Count(parameter => parameter.ParameterType == typeof(CancellationToken)) > 1)
        {
            throw new NotSupportedException($"{owner.Name}.{info.Name} takes two cancellation tokens; a grain method takes one at most.");
        }
        var kind = definition == typeof(Task<>) || definition == typeof(ValueTask<>) ? typeof(ResultMethod<>)
            : definition == typeof(IAsyncEnumerable<>) ? typeof(StreamMethod<>)
            : returns == typeof(Task) || returns == typeof(ValueTask) || returns == typeof(void) ? null
            : throw new NotSupportedException(
                $"{owner.Name}.{info.Name} returns {returns}: a grain method returns Task, ValueTask, IAsyncEnumerable or void.");
        return kind is null
            ? new ResultMethod<Unit>(owner, info)
            : (GrainMethod)Activator.CreateInstance(kind.MakeGenericType(returns.GetGenericArguments()), owner, info)!;
    }

    /// <summary>Calls the method on a reference's grain; what a proxy returns.</summary>
    public abstract object? Send(GrainReference target, object?[] arguments);

    /// <summary>A call that came over the wire; its result goes back by <see cref="Call.WriteOutcome"/>.</summary>
    public abstract Call Inbound(GrainRuntime runtime, GrainId target, object?[] arguments);

    /// <summary>This method, and the further ones that it is made of on the wire.</summary>
    public virtual IEnumerable<GrainMethod> WithParts() => [this];

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

    /// <summary>A token's place among the arguments; cancelling goes by a message of its own.</summary>
    private sealed class TokenCodec : Codec<CancellationToken>
    {
        public TokenCodec() => IsImmutable = true;

        public override CancellationToken Copy(CancellationToken value, int depth) => value;

        public override void Write(WireWriter writer, CancellationToken value) => writer.Bool(value.CanBeCanceled);

        public override CancellationToken Read(ref WireReader reader)
        {
            // Whether it can be cancelled does not matter here: the call brings a token of its own.
            reader.Bool();
            return default;
        }
    }
}
