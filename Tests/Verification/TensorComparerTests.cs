using PiGrid.Verification;

namespace PiGrid.Tests.Verification;

public class TensorComparerTests
{
    private static readonly Comparator Default = new() { Kind = ComparatorKind.Tensors };

    [Theory]
    [InlineData(0f, 0.00099f, true)]
    [InlineData(0f, 0.0011f, null)]
    [InlineData(0f, 0.0021f, false)]
    [InlineData(345f, 345.34f, true)] // 1e-3 + 1e-3 * 345
    [InlineData(345f, 345.36f, null)]
    [InlineData(345f, 345.7f, false)]
    [InlineData(-1f, 1f, false)]
    [InlineData(-0f, 0f, true)]
    [InlineData(float.NaN, float.NaN, false)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity, false)]
    [InlineData(float.MaxValue, -float.MaxValue, false)]
    public void Floats_WhenCompared_AgreeWithinTheSumOfTolerances(float a, float b, bool? agree) =>
        Assert.Equal(Expected(agree), Compare(Default, Samples.Floats(a), Samples.Floats(b)));

    [Theory]
    [InlineData("float16", new byte[] { 0x00, 0x3C }, new byte[] { 0x01, 0x3C }, true)] // 1 and the next number, 1e-3 on
    [InlineData("float16", new byte[] { 0x00, 0x3C }, new byte[] { 0x03, 0x3C }, null)]
    [InlineData("bfloat16", new byte[] { 0x80, 0x3F }, new byte[] { 0x81, 0x3F }, false)] // 1 and 1.0078
    [InlineData("bfloat16", new byte[] { 0x80, 0x3F }, new byte[] { 0x80, 0x3F }, true)]
    [InlineData("float64", new byte[] { 0, 0, 0, 0, 0, 0, 0xF0, 0x3F }, new byte[] { 1, 0, 0, 0, 0, 0, 0xF0, 0x3F }, true)]
    [InlineData("int8", new byte[] { 0x80 }, new byte[] { 0x7F }, false)] // -128 and 127
    [InlineData("uint8", new byte[] { 0x80 }, new byte[] { 0x7F }, false)]
    [InlineData("bool", new byte[] { 1 }, new byte[] { 0 }, false)]
    [InlineData("string", new byte[] { 97 }, new byte[] { 97 }, true)]
    [InlineData("string", new byte[] { 97 }, new byte[] { 98 }, false)]
    public void Elements_OfEveryWidth_AreCompared(string type, byte[] a, byte[] b, bool? agree) =>
        Assert.Equal(Expected(agree), Compare(Default, Tensor(type, a), Tensor(type, b)));

    [Theory]
    [InlineData("uint8", new byte[] { 0x80 }, new byte[] { 0x7F }, true)]
    [InlineData("uint8", new byte[] { 0x81 }, new byte[] { 0x7F }, null)]
    [InlineData("uint8", new byte[] { 0x83 }, new byte[] { 0x7F }, false)]
    [InlineData("int8", new byte[] { 0xFF }, new byte[] { 0x00 }, true)] // -1 and 0
    [InlineData("int64", new byte[] { 0, 0, 0, 0, 0, 0, 0, 0x80 }, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F }, false)]
    [InlineData("uint64", new byte[] { 0, 0, 0, 0, 0, 0, 0, 0x80 }, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F }, true)]
    [InlineData("bool", new byte[] { 1 }, new byte[] { 0 }, false)]
    public void WholeNumbers_WhenCompared_TakeTheAbsoluteToleranceOnly(string type, byte[] a, byte[] b, bool? agree) =>
        Assert.Equal(
            Expected(agree),
            Compare(Default with { Absolute = 1, Relative = 1e9 }, Tensor(type, a), Tensor(type, b)));

    [Fact]
    public void Tensors_WhenNameTypeShapeOrNumberDiffer_Disagree()
    {
        var tensor = Samples.FloatTensor(1, 2);
        TensorData[] others = [tensor with { Name = "z" }, tensor with { Type = "int32" }, tensor with { Shape = [1, 2] }];

        Assert.All(others, other => Assert.Equal(
            Agreement.Disagree, Compare(Default, new() { Tensors = [tensor] }, new() { Tensors = [other] })));
        Assert.Equal(Agreement.Disagree, Compare(Default, new() { Tensors = [tensor] }, new() { Tensors = [tensor, tensor] }));
    }

    /// <summary>Null is neither.</summary>
    private static Agreement Expected(bool? agree) => agree switch { true => Agreement.Agree, false => Agreement.Disagree, null => Agreement.Inconclusive };

    private static ItemOutput Tensor(string type, byte[] data) => new() { Tensors = [new("y", type, [1], data)] };

    private static Agreement Compare(Comparator comparator, ItemOutput a, ItemOutput b) => OutputComparer.Compare(comparator, a, b);
}
