using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime.Native;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>A value that goes into a session or comes out of it. Spans over it are valid until it is disposed.</summary>
public sealed unsafe class OrtValue : IDisposable
{
    private readonly NativeHandle _handle;
    private MemoryHandle _pin;

    /// <summary>Takes over a native value, and the pin of the memory that it borrows.</summary>
    internal OrtValue(nint value, MemoryHandle pin = default)
    {
        _handle = new NativeHandle(Api.Kind.Value, value);
        int type;
        Status.Verify(Api.Current.GetValueType(value, &type));
        OnnxType = (OnnxValueType)type;
        _pin = pin; // last: until here a failure leaves the pin to the caller
    }

    /// <summary>Unpins the memory of a value that nobody disposed.</summary>
    ~OrtValue() => _pin.Dispose();

    public OnnxValueType OnnxType { get; }

    public bool IsTensor => OnnxType == OnnxValueType.ONNX_TYPE_TENSOR;

    internal nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return _handle.DangerousGetHandle();
        }
    }

    /// <summary>A tensor over an array, which stays pinned and must not change while a run reads it.</summary>
    public static OrtValue CreateTensorValueFromMemory<T>(T[] data, long[] shape)
        where T : unmanaged => CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, new Memory<T>(data), shape);

    /// <summary>A tensor over memory, which stays pinned until the value is disposed.</summary>
    /// <exception cref="OnnxRuntimeException">The shape needs more elements than there are, or the type is no element type.</exception>
    public static OrtValue CreateTensorValueFromMemory<T>(OrtMemoryInfo memoryInfo, Memory<T> memory, long[] shape)
        where T : unmanaged
    {
        TensorElementType type = ElementTypes.Of(typeof(T));
        long needed = ElementCount(shape);
        if (needed > memory.Length)
        {
            throw new OnnxRuntimeException(
                ErrorCode.InvalidArgument,
                $"Managed memory size: {memory.Length} elements is less than shape size: {needed} elements");
        }
        MemoryHandle pin = memory.Pin();
        try
        {
            nint value;
            fixed (long* dimensions = shape)
            {
                Status.Verify(Api.Current.CreateTensorWithData(
                    memoryInfo.Pointer, pin.Pointer, (nuint)memory.Length * (nuint)sizeof(T), dimensions, (nuint)shape.Length, (int)type, &value));
            }
            return new OrtValue(value, pin);
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    /// <summary>A tensor in the library's memory, not cleared; fill it by <see cref="GetTensorMutableDataAsSpan{T}"/>.</summary>
    public static OrtValue CreateAllocatedTensorValue(OrtAllocator allocator, TensorElementType elementType, long[] shape)
    {
        nint value;
        fixed (long* dimensions = shape)
        {
            Status.Verify(Api.Current.CreateTensor(allocator.Pointer, dimensions, (nuint)shape.Length, (int)elementType, &value));
        }
        return new OrtValue(value);
    }

    /// <summary>A tensor of empty strings; fill it by <see cref="StringTensorSetElementAt(ReadOnlySpan{char}, int)"/>.</summary>
    public static OrtValue CreateTensorWithEmptyStrings(OrtAllocator allocator, long[] shape) => CreateAllocatedTensorValue(allocator, TensorElementType.String, shape);

    /// <summary>The elements. Copy what must outlive the value.</summary>
    /// <exception cref="OnnxRuntimeException">The value is no tensor of this type; <see cref="byte"/> reads any but strings.</exception>
    public ReadOnlySpan<T> GetTensorDataAsSpan<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Data(typeof(T)));

    /// <inheritdoc cref="GetTensorDataAsSpan{T}"/>
    public Span<T> GetTensorMutableDataAsSpan<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Data(typeof(T)));

    /// <summary>The elements' bytes, in the machine's order.</summary>
    public Span<byte> GetTensorMutableRawData() => Data(typeof(byte));

    /// <summary>The tensor's element type and shape.</summary>
    public OrtTensorTypeAndShapeInfo GetTensorTypeAndShape()
    {
        if (!IsTensor && OnnxType != OnnxValueType.ONNX_TYPE_SPARSETENSOR)
        {
            throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"This OrtValue type contains: {OnnxType}, not a tensor or sparse tensor");
        }
        nint info;
        Status.Verify(Api.Current.GetTensorTypeAndShape(Handle, &info));
        try
        {
            return new OrtTensorTypeAndShapeInfo(info);
        }
        finally
        {
            Api.Current.Release(Api.Kind.TensorTypeAndShapeInfo, info);
        }
    }

    /// <summary>One string of a string tensor.</summary>
    /// <param name="index">Its place, counted through all dimensions, the innermost fastest.</param>
    public string GetStringElement(int index)
    {
        nuint length;
        Status.Verify(Api.Current.GetStringElementLength(Handle, (nuint)index, &length));
        var utf8 = new byte[length];
        fixed (byte* first = utf8)
        {
            Status.Verify(Api.Current.GetStringElement(Handle, length, (nuint)index, first));
        }
        return Encoding.UTF8.GetString(utf8);
    }

    /// <summary>All strings of a string tensor, the innermost dimension fastest.</summary>
    public string[] GetStringTensorAsArray()
    {
        OrtTensorTypeAndShapeInfo info = GetTensorTypeAndShape();
        if (!info.IsString)
        {
            throw new OnnxRuntimeException(
                ErrorCode.Fail,
                $"GetStringTensorAsArray() is only supported for string tensors. This OrtValue contains a {info.ElementDataType} tensor.");
        }
        var strings = new string[info.ElementCount];
        for (int i = 0; i < strings.Length; i++)
        {
            strings[i] = GetStringElement(i);
        }
        return strings;
    }

    public void StringTensorSetElementAt(ReadOnlySpan<char> str, int index)
    {
        var utf8 = new byte[Encoding.UTF8.GetByteCount(str)];
        Encoding.UTF8.GetBytes(str, utf8);
        StringTensorSetElementAt(utf8.AsSpan(), index);
    }

    public void StringTensorSetElementAt(ReadOnlyMemory<char> rom, int index) => StringTensorSetElementAt(rom.Span, index);

    public void StringTensorSetElementAt(ReadOnlySpan<byte> utf8Bytes, int index)
    {
        byte* buffer;
        Status.Verify(Api.Current.ResizeStringElement(Handle, (nuint)index, (nuint)utf8Bytes.Length, &buffer));
        utf8Bytes.CopyTo(new Span<byte>(buffer, utf8Bytes.Length));
    }

    public void Dispose()
    {
        _handle.Dispose();
        _pin.Dispose();
        GC.SuppressFinalize(this);
    }

    private Span<byte> Data(Type requested)
    {
        if (!IsTensor)
        {
            throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"This OrtValue type contains: {OnnxType}, not a tensor");
        }
        OrtTensorTypeAndShapeInfo info = GetTensorTypeAndShape();
        if (info.IsString)
        {
            throw new OnnxRuntimeException(ErrorCode.InvalidArgument, "Strings are not supported by this API");
        }
        (Type type, int size) = ElementTypes.Of(info.ElementDataType);
        if (requested != typeof(byte) && requested != type)
        {
            throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"Requested type: {requested} does not match the actual type: {type}");
        }
        if (info.ElementCount == 0)
        {
            return [];
        }
        void* data;
        Status.Verify(Api.Current.GetTensorMutableData(Handle, &data));
        return new Span<byte>(data, checked((int)(info.ElementCount * size)));
    }

    private static long ElementCount(long[] shape)
    {
        long count = 1;
        foreach (long dimension in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(shape));
            count *= dimension;
        }
        return count;
    }
}
