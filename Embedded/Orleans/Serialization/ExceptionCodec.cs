using System.Runtime.ExceptionServices;

namespace Orleans.Embedded;

/// <summary>
/// Exceptions: type, message, stack, cause and members with [Id]. In process they are shared, as in Orleans. A type that the
/// other side does not know becomes an <see cref="UnavailableExceptionFallbackException"/>.
/// </summary>
internal sealed class ExceptionCodec<T> : Codec<T?>, IExceptionMembers where T : Exception
{
    private readonly MemberTable<T> _members = new();

    public ExceptionCodec() => IsImmutable = true;

    public override T? Copy(T? value, int depth) => value;

    public override void Write(WireWriter writer, T? value) => ExceptionCodec.Write(writer, value);

    public override T? Read(ref WireReader reader) => (T?)ExceptionCodec.Read(ref reader);

    public void Write(WireWriter writer, Exception exception)
    {
        var value = (T)exception;
        _members.Write(writer, ref value);
    }

    public Exception ReadMembers(ref WireReader reader)
    {
        var value = (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
        _members.Read(ref reader, ref value);
        return value;
    }
}

/// <summary>The part of an exception that depends on its type.</summary>
internal interface IExceptionMembers
{
    void Write(WireWriter writer, Exception exception);

    Exception ReadMembers(ref WireReader reader);
}

/// <summary>The parts of exceptions that do not depend on their type.</summary>
internal static class ExceptionCodec
{
    private static readonly Dictionary<string, Type> Framework = new[]
    {
        typeof(Exception), typeof(ArgumentException), typeof(ArgumentNullException), typeof(ArgumentOutOfRangeException),
        typeof(ArithmeticException), typeof(FormatException), typeof(IndexOutOfRangeException), typeof(InvalidCastException),
        typeof(InvalidDataException), typeof(InvalidOperationException), typeof(IOException), typeof(KeyNotFoundException),
        typeof(NotImplementedException), typeof(NotSupportedException), typeof(NullReferenceException),
        typeof(ObjectDisposedException), typeof(OperationCanceledException), typeof(OverflowException),
        typeof(TaskCanceledException), typeof(TimeoutException), typeof(UnauthorizedAccessException),
    }.ToDictionary(type => type.FullName!);

    /// <summary>Writes an exception: as itself where the other side can know its type, and as a stand-in otherwise.</summary>
    public static void Write(WireWriter writer, Exception? value)
    {
        writer.Bool(value is not null);
        if (value is null) { return; }
        var type = value.GetType();
        if (!type.IsDefined(typeof(GenerateSerializerAttribute), false) && !Framework.ContainsValue(type))
        {
            value = new UnavailableExceptionFallbackException(value.Message, value.InnerException!) { ExceptionType = type.FullName };
        }
        writer.Text(WireTypes.NameOf(value.GetType()));
        writer.Text(value.Message);
        writer.NullableText(value.StackTrace);
        writer.Depth = Codec.Deeper(writer.Depth);
        Write(writer, value.InnerException);
        writer.Depth--;
        var block = writer.BeginBlock();
        ((IExceptionMembers)Codecs.Exact(value.GetType())).Write(writer, value);
        writer.EndBlock(block);
    }

    public static Exception? Read(ref WireReader reader)
    {
        if (!reader.Bool()) { return null; }
        reader.Enter();
        var (name, message, stack, inner) = (reader.Text(), reader.Text(), reader.NullableText(), Read(ref reader));
        reader.Leave();
        var members = new WireReader(reader.Block(), reader.Runtime);
        var value = Make(name, ref members) ?? new UnavailableExceptionFallbackException(message, inner!) { ExceptionType = name };
        (Message(value), Inner(value)) = (message, inner);
        if (!string.IsNullOrEmpty(stack)) { ExceptionDispatchInfo.SetRemoteStackTrace(value, stack); }
        return value;
    }

    private static Exception? Make(string name, ref WireReader members)
    {
        try
        {
            var type = Framework.GetValueOrDefault(name) ?? WireTypes.Find(name);
            return (Codecs.Exact(type) as IExceptionMembers)?.ReadMembers(ref members);
        }
        catch (SerializerException)
        {
            // Unknown here, or from another version: the stand-in carries what can be told.
            return null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    private static extern ref string? Message(Exception value);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
    private static extern ref Exception? Inner(Exception value);
}
