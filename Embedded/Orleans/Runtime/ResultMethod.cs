using System.Linq.Expressions;

namespace Orleans.Embedded;

/// <summary>A method that answers once. The call on the grain instance is compiled at first use.</summary>
internal sealed class ResultMethod<T>(GrainInterface owner, MethodInfo info) : GrainMethod(owner, info), ICallable<T>
{
    private static readonly Task<T> NoAnswer = Task.FromResult(default(T)!);
    private readonly Lazy<Func<object, object?[], ValueTask<T>>> _invoke = new(() => MethodCompiler.Compile<ValueTask<T>>(info, AsValueTask));
    private readonly Lazy<Codec<T>> _codec = new(Codecs.For<T>);
    private readonly bool _shared = info.ReturnParameter.IsDefined(typeof(ImmutableAttribute));

    public ValueTask<T> Invoke(Activation? activation, object instance, object?[] arguments) =>
        _invoke.Value(Interface.Type == typeof(IStreamParts) ? activation!.Enumerators : instance, arguments);

    public T CopyResult(T result) => _shared ? result : _codec.Value.Copy(result, 0);

    public void WriteResult(WireWriter writer, T result) => _codec.Value.Write(writer, result);

    public T ReadResult(ref WireReader reader) => _codec.Value.Read(ref reader);

    public override Call Inbound(GrainRuntime runtime, GrainId target, object?[] arguments) =>
        new Call<T>(this, this, runtime, target, arguments);

    public override object? Send(GrainReference target, object?[] arguments)
    {
        var call = new Call<T>(this, this, target.Runtime, target.GrainId, arguments);
        call.Send();
        var task = OneWay ? NoAnswer : call.Task;
        return Info.ReturnType == typeof(void) ? null
            : typeof(Task).IsAssignableFrom(Info.ReturnType) ? task
            : Info.ReturnType == typeof(ValueTask) ? new ValueTask(task)
            : new ValueTask<T>(task);
    }

    private static Expression AsValueTask(Expression call) =>
        call.Type == typeof(ValueTask<T>) ? call
        : call.Type == typeof(void) ? Expression.Block(call, Expression.Default(typeof(ValueTask<T>)))
        : call.Type == typeof(Task<T>) ? Expression.New(typeof(ValueTask<T>).GetConstructor([typeof(Task<T>)])!, call)
        : Expression.Call(typeof(ResultMethod<T>), nameof(WithoutResult), null, call);

    private static ValueTask<T> WithoutResult(Task task)
    {
        return task.IsCompletedSuccessfully ? default : Slow(task);

        static async ValueTask<T> Slow(Task task)
        {
            await task;
            return default!;
        }
    }

    private static ValueTask<T> WithoutResult(ValueTask task) => WithoutResult(task.AsTask());
}

/// <summary>Compiles the call of an interface's method, so that no call uses reflection.</summary>
internal static class MethodCompiler
{
    public static Func<object, object?[], TReturn> Compile<TReturn>(MethodInfo info, Func<Expression, Expression> convert)
    {
        var (instance, arguments) = (Expression.Parameter(typeof(object)), Expression.Parameter(typeof(object[])));
        var values = info.GetParameters().Select((parameter, i) =>
            Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(i)), parameter.ParameterType));
        var call = Expression.Call(Expression.Convert(instance, info.DeclaringType!), info, values);
        return Expression.Lambda<Func<object, object?[], TReturn>>(convert(call), instance, arguments).Compile();
    }
}
