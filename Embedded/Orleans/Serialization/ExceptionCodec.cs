using System.Runtime.ExceptionServices;

namespace Orleans.Embedded;

/// <summary>Exceptions: type, message, stack, cause and members with [Id]. In process they are shared, as in Orleans. A type that the
/// other side does not know becomes an <see cref="UnavailableExceptionFallbackException"/>.</summary>
internal sealed class ExceptionCodec : Codec {
    private static readonly Dictionary<string, Type> Framework = new[] {
        typeof(Exception), typeof(ArgumentException), typeof(ArgumentNullException), typeof(ArgumentOutOfRangeException),
        typeof(ArithmeticException), typeof(FormatException), typeof(IndexOutOfRangeException), typeof(InvalidCastException),
        typeof(InvalidDataException), typeof(InvalidOperationException), typeof(IOException), typeof(KeyNotFoundException),
        typeof(NotImplementedException), typeof(NotSupportedException), typeof(NullReferenceException),
        typeof(ObjectDisposedException), typeof(OperationCanceledException), typeof(OverflowException),
        typeof(TaskCanceledException), typeof(TimeoutException), typeof(UnauthorizedAccessException),
    }.ToDictionary(type => type.FullName!);

    private static readonly ConcurrentDictionary<Type, MemberCodec> Members = new();

    private ExceptionCodec() => IsImmutable = true;

    public static ExceptionCodec Instance { get; } = new();

    public static NullableCodec OrNull { get; } = new(Instance);

    public override object? Copy(object? value, int depth) => value;

    public override void Write(WireWriter writer, object? value) {
        var (failure, type) = ((Exception)value!, value!.GetType());
        if (!type.IsDefined(typeof(GenerateSerializerAttribute), false) && !Framework.ContainsValue(type)) {
            failure = new UnavailableExceptionFallbackException(failure.Message, failure.InnerException!) { ExceptionType = type.FullName };
        }
        writer.Text(WireTypes.NameOf(failure.GetType()));
        writer.Text(failure.Message);
        writer.Text(failure.StackTrace ?? "");
        writer.Depth = Deeper(writer.Depth);
        OrNull.Write(writer, failure.InnerException);
        writer.Depth--;
        var block = writer.BeginBlock();
        MembersOf(failure.GetType()).Write(writer, failure);
        writer.EndBlock(block);
    }

    public override object? Read(ref WireReader reader) {
        reader.Enter();
        var (name, message, stack, inner) = (reader.Text(), reader.Text(), reader.Text(), (Exception?)OrNull.Read(ref reader));
        reader.Leave();
        var members = new WireReader(reader.Block(), reader.Runtime);
        var type = Framework.GetValueOrDefault(name) ?? ApplicationParts.Current.Serializable.GetValueOrDefault(name);
        var value = typeof(Exception).IsAssignableFrom(type) ? (Exception)MembersOf(type).Read(ref members)!
            : new UnavailableExceptionFallbackException(message, inner!) { ExceptionType = name };
        (Message(value), Inner(value)) = (message, inner);
        if (stack != "") { ExceptionDispatchInfo.SetRemoteStackTrace(value, stack); }
        return value;
    }

    private static MemberCodec MembersOf(Type type) => Members.GetOrAdd(type, static t => new MemberCodec(t));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    private static extern ref string? Message(Exception value);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
    private static extern ref Exception? Inner(Exception value);
}
