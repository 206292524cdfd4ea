using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace PiGrid.Tests.OnnxRuntime;

/// <summary>Every element type goes through a model and comes out as it went in.</summary>
public class ElementTypeTests
{
    [Fact]
    public void Tensor_OfFloat_GoesThrough() => AssertGoesThrough<float>(TensorElementType.Float, [0, -0f, float.NaN, float.MaxValue]);

    [Fact]
    public void Tensor_OfDouble_GoesThrough() => AssertGoesThrough<double>(TensorElementType.Double, [0, double.Epsilon, double.NegativeInfinity]);

    [Fact]
    public void Tensor_OfUInt8_GoesThrough() => AssertGoesThrough<byte>(TensorElementType.UInt8, [0, 255]);

    [Fact]
    public void Tensor_OfInt8_GoesThrough() => AssertGoesThrough<sbyte>(TensorElementType.Int8, [-128, 127]);

    [Fact]
    public void Tensor_OfUInt16_GoesThrough() => AssertGoesThrough<ushort>(TensorElementType.UInt16, [0, 65535]);

    [Fact]
    public void Tensor_OfInt16_GoesThrough() => AssertGoesThrough<short>(TensorElementType.Int16, [-32768, 32767]);

    [Fact]
    public void Tensor_OfInt32_GoesThrough() => AssertGoesThrough<int>(TensorElementType.Int32, [int.MinValue, int.MaxValue]);

    [Fact]
    public void Tensor_OfUInt32_GoesThrough() => AssertGoesThrough<uint>(TensorElementType.UInt32, [0, uint.MaxValue]);

    [Fact]
    public void Tensor_OfInt64_GoesThrough() => AssertGoesThrough<long>(TensorElementType.Int64, [long.MinValue, long.MaxValue]);

    [Fact]
    public void Tensor_OfUInt64_GoesThrough() => AssertGoesThrough<ulong>(TensorElementType.UInt64, [0, ulong.MaxValue]);

    [Fact]
    public void Tensor_OfBool_GoesThrough() => AssertGoesThrough<bool>(TensorElementType.Bool, [true, false, true]);

    [Fact]
    public void Tensor_OfFloat16_GoesThrough() => AssertGoesThrough<Float16>(TensorElementType.Float16, [new(0x3E00), new(0xFBFF), new(0x0001)]);

    [Fact]
    public void Tensor_WhenEmpty_GoesThrough() => AssertGoesThrough<float>(TensorElementType.Float, []);

    [Fact]
    public void AllocatedTensor_WhenFilled_HoldsTheValues()
    {
        using OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Int32, [2]);
        int[] numbers = [7, 8];
        MemoryMarshal.AsBytes(numbers.AsSpan()).CopyTo(value.GetTensorMutableRawData());

        Assert.True(value.IsTensor);
        Assert.Equal([7, 8], value.GetTensorDataAsSpan<int>().ToArray());
        Assert.Equal([2L], value.GetTensorTypeAndShape().Shape);
        Assert.Equal(8, value.GetTensorMutableRawData().Length);
    }

    /// <summary>These have no .NET type here, and travel as bytes.</summary>
    [Fact]
    public void Tensor_OfBFloat16_GoesThroughAsBytes()
    {
        byte[] bytes = [0xC0, 0x3F, 0x80, 0xFF];
        using InferenceSession session = Sessions.Load(OnnxModels.Identity(TensorElementType.BFloat16, 2));
        using OrtValue x = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.BFloat16, [2]);
        bytes.CopyTo(x.GetTensorMutableRawData());
        using var options = new RunOptions();

        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, ["x"], [x], ["y"]);

        Assert.Equal(TensorElementType.BFloat16, results[0].GetTensorTypeAndShape().ElementDataType);
        Assert.Equal(bytes, results[0].GetTensorMutableRawData().ToArray());
    }

    [Fact]
    public void Tensor_OfStrings_HasNoBytes()
    {
        using OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.String, [2]);

        Assert.Equal(TensorElementType.String, value.GetTensorTypeAndShape().ElementDataType);
        Assert.Throws<OnnxRuntimeException>(() => value.GetTensorMutableRawData().Length);
    }

    [Fact]
    public void Tensor_OfStrings_GoesThroughElementByElement()
    {
        byte[][] texts = [[], "é"u8.ToArray(), "a\0b"u8.ToArray(), [.. Enumerable.Repeat((byte)'x', 100_000)]];
        using InferenceSession session = Sessions.Load(OnnxModels.Identity(TensorElementType.String, 4));
        using OrtValue x = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [4]);
        for (int i = 0; i < texts.Length; i++)
        {
            x.StringTensorSetElementAt(texts[i], i);
        }
        using var options = new RunOptions();

        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, ["x"], [x], ["y"]);

        Assert.Equal(texts, Enumerable.Range(0, 4).Select(i => results[0].GetStringElementAsSpan(i).ToArray()));
        Assert.Throws<OnnxRuntimeException>(() => results[0].GetStringElementAsSpan(4).Length);
        Assert.Throws<OnnxRuntimeException>(() => x.StringTensorSetElementAt(ReadOnlySpan<byte>.Empty, 4));
    }

    private static void AssertGoesThrough<T>(TensorElementType type, T[] values)
        where T : unmanaged
    {
        using InferenceSession session = Sessions.Load(OnnxModels.Identity(type, OnnxModels.Open));
        using OrtValue x = OrtValue.CreateTensorValueFromMemory(values, [values.Length]);
        using var options = new RunOptions();

        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, ["x"], [x], ["y"]);

        Assert.Equal(type, session.InputMetadata["x"].ElementDataType);
        Assert.Equal(type, results[0].GetTensorTypeAndShape().ElementDataType);
        // By bits: no NaN is lost, no negative zero.
        Assert.Equal(MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), MemoryMarshal.AsBytes(results[0].GetTensorDataAsSpan<T>()).ToArray());
    }
}
