using System.Text.Json;

namespace PiGrid.Tests.Abstractions;

public class AmountTests
{
    [Fact]
    public void Amounts_WhenReckonedWith_StayExact()
    {
        var tenth = new Amount(100_000);
        Assert.Equal(Amount.FromCredits(1), tenth * 10);
        Assert.Equal(new Amount(-100_000), Amount.Zero - tenth);
        Assert.True(tenth > Amount.Zero && Amount.Zero < tenth && tenth >= new Amount(100_000) && tenth <= new Amount(100_000));
    }

    [Fact]
    public void Amounts_WhenTheyOverflow_Throw()
    {
        var most = new Amount(long.MaxValue);
        Assert.Throws<OverflowException>(() => most + new Amount(1));
        Assert.Throws<OverflowException>(() => new Amount(long.MinValue) - new Amount(1));
        Assert.Throws<OverflowException>(() => most * 2);
        Assert.Throws<OverflowException>(() => Amount.FromCredits(long.MaxValue / 1_000_000 + 1));
    }

    [Theory]
    [InlineData(0, "0.000000")]
    [InlineData(1_250_000, "1.250000")]
    [InlineData(-1, "-0.000001")]
    [InlineData(long.MaxValue, "9223372036854.775807")]
    public void Amount_AsText_HasSixDecimals(long micros, string text) => Assert.Equal(text, new Amount(micros).ToString());

    [Fact]
    public void Amount_InJson_IsAWholeNumber()
    {
        Assert.Equal("9223372036854775807", JsonSerializer.Serialize(new Amount(long.MaxValue), GridJson.Wire));
        Assert.Equal(new Amount(-5), JsonSerializer.Deserialize<Amount>("-5", GridJson.Wire));
        Assert.ThrowsAny<Exception>(() => JsonSerializer.Deserialize<Amount>("1.5", GridJson.Wire));
        Assert.ThrowsAny<Exception>(() => JsonSerializer.Deserialize<Amount>("\"5\"", GridJson.Wire));
    }
}
