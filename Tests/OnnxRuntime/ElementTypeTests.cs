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
    public void Tensor_OfFloat16_GoesThrough() => AssertGoesThrough<Float16>(TensorElementType.Float16, [(Float16)1.5f, (Float16)(-65504f), new Float16(1)]);

    [Fact]
    public void Tensor_OfBFloat16_GoesThrough() => AssertGoesThrough<BFloat16>(TensorElementType.BFloat16, [(BFloat16)1.5f, (BFloat16)(-3e38f)]);

    [Fact]
    public void Tensor_OfStrings_GoesThrough()
    {
        string[] texts = ["", "bus", "пешеход", "自転車 🚲"];
        using var session = new InferenceSession(OnnxModels.Identity(TensorElementType.String, 2, 2));
        using OrtValue x = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [2, 2]);
        for (int i = 0; i < texts.Length; i++)
        {
            x.StringTensorSetElementAt(texts[i].AsSpan(), i);
        }
        using var options = new RunOptions();

        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, ["x"], [x], ["y"]);

        Assert.True(session.InputMetadata["x"].IsString);
        Assert.True(results[0].GetTensorTypeAndShape().IsString);
        Assert.Equal(texts, results[0].GetStringTensorAsArray());
        Assert.Equal(texts[3], results[0].GetStringElement(3));
    }

    [Fact]
    public void Tensor_WhenEmpty_GoesThrough() => AssertGoesThrough<float>(TensorElementType.Float, []);

    [Fact]
    public void AllocatedTensor_WhenFilled_HoldsTheValues()
    {
        using OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Int32, [2]);
        value.GetTensorMutableDataAsSpan<int>()[0] = 7;
        value.GetTensorMutableDataAsSpan<int>()[1] = 8;

        Assert.True(value.IsTensor);
        Assert.Equal([7, 8], value.GetTensorDataAsSpan<int>().ToArray());
        Assert.Equal(2, value.GetTensorTypeAndShape().ElementCount);
        Assert.Equal(8, value.GetTensorMutableRawData().Length);
    }

    [Theory]
    [InlineData(1f, 0x3C00, 0x3F80)]
    [InlineData(-2f, 0xC000, 0xC000)]
    [InlineData(1.00390625f, 0x3C04, 0x3F80)] // a tie in bfloat16: to even
    [InlineData(1.01171875f, 0x3C0C, 0x3F82)]
    [InlineData(float.PositiveInfinity, 0x7C00, 0x7F80)]
    public void HalfPrecision_WhenConverted_HasTheStandardsBits(float value, int half, int brain)
    {
        Assert.Equal(half, ((Float16)value).value);
        Assert.Equal(brain, ((BFloat16)value).value);
        Assert.Equal(value, (float)(Float16)value);
    }

    private static void AssertGoesThrough<T>(TensorElementType type, T[] values)
        where T : unmanaged
    {
        using var session = new InferenceSession(OnnxModels.Identity(type, OnnxModels.Open));
        using OrtValue x = OrtValue.CreateTensorValueFromMemory(values, [values.Length]);
        using var options = new RunOptions();

        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, ["x"], [x], ["y"]);

        Assert.Equal(type, session.InputMetadata["x"].ElementDataType);
        Assert.Equal(typeof(T), session.InputMetadata["x"].ElementType);
        Assert.Equal(type, results[0].GetTensorTypeAndShape().ElementDataType);
        // By bits: no NaN is lost, no negative zero.
        Assert.Equal(MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), MemoryMarshal.AsBytes(results[0].GetTensorDataAsSpan<T>()).ToArray());
    }
}
