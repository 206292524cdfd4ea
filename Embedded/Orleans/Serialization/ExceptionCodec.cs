using System.Runtime.ExceptionServices;

namespace Orleans.Embedded;

/// <summary>
/// Exceptions: type, message, stack, cause and members with [Id]. In process they are shared, as in Orleans. A type that the
/// other side does not know becomes an <see cref="UnavailableExceptionFallbackException"/>.
/// </summary>
internal sealed class ExceptionCodec<T> : Codec<T?>, IExceptionMembers where T : Exception
{
    private readonly Member<T>[] _members = [.. MemberList.Of(typeof(T)).Select(m => Member<T>.Create(m.Number, m.Field))];

    public ExceptionCodec() => IsImmutable = true;

    public override T? Copy(T? value, int depth) => value;

    public override void Write(WireWriter writer, T? value) => ExceptionCodec.Write(writer, value);

    public override T? Read(ref WireReader reader) => ExceptionCodec.Read(ref reader) switch
    {
        null => null,
        T value => value,
        var other => throw new SerializerException($"{other.GetType()} was sent where {typeof(T)} is expected.", other),
    };

    public void WriteMembers(WireWriter writer, Exception exception)
    {
        var value = (T)exception;
        foreach (var member in _members)
        {
            writer.Count(member.Number);
            member.Write(writer, ref value);
        }
        writer.Count(0);
    }

    public Exception ReadMembers(ref WireReader reader)
    {
        var value = (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
        for (var number = reader.Number(); number != 0; number = reader.Number())
        {
            var member = Array.Find(_members, m => m.Number == number)
                ?? throw new SerializerException($"{typeof(T)} has no member number {number} here.");
            member.Read(ref reader, ref value);
        }
        return value;
    }
}

/// <summary>The part of an exception that depends on its type.</summary>
internal interface IExceptionMembers
{
    void WriteMembers(WireWriter writer, Exception exception);

    Exception ReadMembers(ref WireReader reader);
}

/// <summary>The parts of exceptions that do not depend on their type.</summary>
internal static class ExceptionCodec
{
    private static readonly Type[] FrameworkTypes =
    [
        typeof(Exception), typeof(ArgumentException), typeof(ArgumentNullException), typeof(ArgumentOutOfRangeException),
        typeof(ApplicationException), typeof(ArithmeticException), typeof(DivideByZeroException), typeof(FormatException),
        typeof(IndexOutOfRangeException), typeof(InvalidCastException), typeof(InvalidDataException),
        typeof(InvalidOperationException), typeof(IOException), typeof(FileNotFoundException), typeof(KeyNotFoundException),
        typeof(NotImplementedException), typeof(NotSupportedException), typeof(NullReferenceException),
        typeof(ObjectDisposedException), typeof(OperationCanceledException), typeof(OverflowException),
        typeof(TaskCanceledException), typeof(TimeoutException), typeof(UnauthorizedAccessException),
    ];

    private static readonly Dictionary<string, Type> Framework = FrameworkTypes.ToDictionary(type => type.FullName!);

    /// <summary>Writes an exception of any type: as itself where the other side can know the type, and as a stand-in otherwise.</summary>
    public static void Write(WireWriter writer, Exception? value)
    {
        writer.Bool(value is not null);
        if (value is null) { return; }
        var type = value.GetType();
        if (!type.IsDefined(typeof(GenerateSerializerAttribute), false) && !Framework.ContainsValue(type))
        {
            value = new UnavailableExceptionFallbackException(value.Message, value.InnerException!) { ExceptionType = type.FullName };
            type = value.GetType();
        }
        writer.Text(WireTypes.NameOf(type));
        writer.Text(value.Message);
        writer.NullableText(value.StackTrace);
        writer.Raw(value.HResult);
        Write(writer, value.InnerException);
        var block = writer.BeginBlock();
        ((IExceptionMembers)Codecs.Exact(type)).WriteMembers(writer, value);
        writer.EndBlock(block);
    }

    public static Exception? Read(ref WireReader reader)
    {
        if (!reader.Bool()) { return null; }
        reader.Enter();
        var name = reader.Text();
        var message = reader.Text();
        var stack = reader.NullableText();
        var code = reader.Raw<int>();
        var inner = Read(ref reader);
        reader.Leave();
        var members = new WireReader(reader.Block(), reader.Runtime);
        var value = Make(name, ref members)
            ?? new UnavailableExceptionFallbackException(message, inner!) { ExceptionType = name };
        Message(value) = message;
        Inner(value) = inner;
        value.HResult = code;
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
