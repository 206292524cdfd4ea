using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>A value that goes into a session or comes out of it. Spans over it are valid until it is disposed.</summary>
public sealed unsafe class OrtValue : IDisposable
{
    private readonly NativeHandle _handle;
    private readonly OnnxValueType _type;

    /// <summary>Takes over a native value, and the pin of the memory that it borrows.</summary>
    internal OrtValue(nint value, MemoryHandle pin = default)
    {
        _handle = new NativeHandle(Api.Kind.Value, value, pin);
        int type;
        Status.Verify(Api.Current.GetValueType(value, &type));
        _type = (OnnxValueType)type;
    }

    /// <summary>Whether it is a dense tensor.</summary>
    public bool IsTensor => _type == OnnxValueType.ONNX_TYPE_TENSOR;

    internal nint Handle => _handle.IsClosed ? throw new ObjectDisposedException(GetType().Name) : _handle.DangerousGetHandle();

    /// <summary>A tensor over an array, which stays pinned until the value is disposed and must not change while a run reads it.</summary>
    /// <exception cref="OnnxRuntimeException">The shape needs more elements than there are, or the type is no element type.</exception>
    public static OrtValue CreateTensorValueFromMemory<T>(T[] data, long[] shape)
        where T : unmanaged
    {
        TensorElementType type = ElementTypes.Of(typeof(T));
        long needed = ElementCount(shape);
        if (needed > data.Length)
        {
            throw new OnnxRuntimeException(
                ErrorCode.InvalidArgument, $"Managed memory size: {data.Length} elements is less than shape size: {needed} elements");
        }
        nint value;
        MemoryHandle pin = data.AsMemory().Pin();
        try
        {
            fixed (long* dimensions = shape)
            {
                Status.Verify(Api.Current.CreateTensorWithData(
                    OrtAllocator.DefaultInstance.MemoryInfo, pin.Pointer, (nuint)data.Length * (nuint)sizeof(T),
                    dimensions, (nuint)shape.Length, (int)type, &value));
            }
        }
        catch
        {
            pin.Dispose();
            throw;
        }
        return new OrtValue(value, pin);
    }

    /// <summary>A tensor in the library's memory, not cleared; fill it by <see cref="GetTensorMutableRawData"/>.</summary>
    public static OrtValue CreateAllocatedTensorValue(OrtAllocator allocator, TensorElementType elementType, long[] shape)
    {
        nint value;
        fixed (long* dimensions = shape)
        {
            Status.Verify(Api.Current.CreateTensor(allocator.Pointer, dimensions, (nuint)shape.Length, (int)elementType, &value));
        }
        return new OrtValue(value);
    }

    /// <summary>A tensor of empty strings; fill it by <see cref="StringTensorSetElementAt"/>.</summary>
    public static OrtValue CreateTensorWithEmptyStrings(OrtAllocator allocator, long[] shape) =>
        CreateAllocatedTensorValue(allocator, TensorElementType.String, shape);

    /// <summary>Sets an element of a tensor of strings.</summary>
    /// <exception cref="OnnxRuntimeException">There is no such element, or the value is no tensor of strings.</exception>
    public void StringTensorSetElementAt(ReadOnlySpan<byte> utf8Bytes, int index)
    {
        byte* buffer;
        Status.Verify(Api.Current.GetResizedStringElement(Handle, (nuint)index, (nuint)utf8Bytes.Length, &buffer));
        utf8Bytes.CopyTo(new Span<byte>(buffer, utf8Bytes.Length));
    }

    /// <summary>An element of a tensor of strings, in UTF-8. Copy what must outlive the value.</summary>
    /// <exception cref="OnnxRuntimeException">There is no such element, or the value is no tensor of strings.</exception>
    public ReadOnlySpan<byte> GetStringElementAsSpan(int index)
    {
        nuint length;
        byte* buffer;
        Status.Verify(Api.Current.GetStringElementLength(Handle, (nuint)index, &length));
        Status.Verify(Api.Current.GetResizedStringElement(Handle, (nuint)index, length, &buffer));
        return new ReadOnlySpan<byte>(buffer, checked((int)length));
    }

    /// <summary>The elements. Copy what must outlive the value.</summary>
    /// <exception cref="OnnxRuntimeException">The value is no tensor of this type.</exception>
    public ReadOnlySpan<T> GetTensorDataAsSpan<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Data(ElementTypes.Of(typeof(T))));

    /// <summary>The elements' bytes, in the machine's order.</summary>
    /// <exception cref="OnnxRuntimeException">The value is no tensor, or one of strings.</exception>
    public Span<byte> GetTensorMutableRawData() => Data(requested: null);

    /// <summary>The tensor's element type and shape.</summary>
    /// <exception cref="OnnxRuntimeException">The value is no tensor.</exception>
    public OrtTensorTypeAndShapeInfo GetTensorTypeAndShape()
    {
        if (!IsTensor)
        {
            throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"This OrtValue type contains: {_type}, not a tensor");
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

    /// <summary>Frees the value and unpins the array that it lies over.</summary>
    public void Dispose() => _handle.Dispose();

    /// <param name="requested">What the elements must be; null takes any.</param>
    private Span<byte> Data(TensorElementType? requested)
    {
        OrtTensorTypeAndShapeInfo info = GetTensorTypeAndShape();
        if (requested is { } type && type != info.ElementDataType)
        {
            throw new OnnxRuntimeException(
                ErrorCode.InvalidArgument, $"Requested type: {type} does not match the actual type: {info.ElementDataType}");
        }
        int length = checked((int)(ElementCount(info.Shape) * ElementTypes.Size(info.ElementDataType)));
        if (length == 0)
        {
            return [];
        }
        void* data;
        Status.Verify(Api.Current.GetTensorMutableData(Handle, &data));
        return new Span<byte>(data, length);
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
