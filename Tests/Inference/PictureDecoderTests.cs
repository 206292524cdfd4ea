using PiGrid.Inference;
using PiGrid.Inference.Imaging;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference;

/// <summary>Every kind of JPEG and PNG becomes the RGB that people see, and what is none is refused precisely.</summary>
public class PictureDecoderTests
{
    private const long Pixels = 1_000_000;

    [Fact]
    public void Jpeg_WhenBaseline_GivesItsColours()
    {
        var picture = PictureDecoder.Decode(TestPictures.Rgb, Pixels);

        Assert.Equal((16, 8), (picture.Width, picture.Height));
        AssertNear((220, 30, 40), picture, 2, 2);
        AssertNear((20, 60, 200), picture, 13, 5);
    }

    [Fact]
    public void Jpeg_WhenProgressive_GivesTheSameColours()
    {
        var picture = PictureDecoder.Decode(TestPictures.Progressive, Pixels);

        AssertNear((220, 30, 40), picture, 2, 2);
        AssertNear((20, 60, 200), picture, 13, 5);
    }

    [Fact]
    public void Jpeg_WhenGrey_RepeatsTheChannel()
    {
        var picture = PictureDecoder.Decode(TestPictures.Grey, Pixels);

        AssertNear((50, 50, 50), picture, 0, 0);
        AssertNear((200, 200, 200), picture, 15, 7);
    }

    [Fact]
    public void Jpeg_WhenCmyk_TakesInksForFilters()
    {
        var picture = PictureDecoder.Decode(TestPictures.Cmyk, Pixels);

        AssertNear((255, 0, 0), picture, 2, 2);
        AssertNear((127, 127, 127), picture, 13, 5);
    }

    [Theory]
    [InlineData(1, "AB/CD")]
    [InlineData(2, "BA/DC")]
    [InlineData(3, "DC/BA")]
    [InlineData(4, "CD/AB")]
    [InlineData(5, "AC/BD")]
    [InlineData(6, "CA/DB")]
    [InlineData(7, "DB/CA")]
    [InlineData(8, "BD/AC")]
    public void Png_WhenExifTurnsIt_IsTurned(byte orientation, string expected)
    {
        // Three columns and two rows, so that width and height differ; the corners say how it lies.
        byte[] rows = [.. "AXB"u8, .. "CYD"u8];
        var png = TestPictures.Png(3, 2, 8, 0, rows, ("eXIf", TestPictures.Exif(orientation)));

        var picture = PictureDecoder.Decode(png, Pixels);

        Assert.Equal(orientation >= 5 ? (2, 3) : (3, 2), (picture.Width, picture.Height));
        Assert.Equal(expected, Corners(picture));
    }

    [Theory]
    [InlineData(3, 15, 0, 0, 7)]
    [InlineData(6, 7, 0, 0, 15)]
    [InlineData(8, 0, 15, 7, 0)]
    public void Jpeg_WhenExifTurnsIt_IsTurned(byte orientation, int leftX, int leftY, int rightX, int rightY)
    {
        var picture = PictureDecoder.Decode(TestPictures.Oriented(TestPictures.Rgb, orientation), Pixels);

        Assert.Equal(orientation == 3 ? (16, 8) : (8, 16), (picture.Width, picture.Height));
        AssertNear((220, 30, 40), picture, leftX, leftY);
        AssertNear((20, 60, 200), picture, rightX, rightY);
    }

    [Fact]
    public void Png_WhenSixteenBits_RoundsToTheNearest()
    {
        // 128 is below half of 257 and 129 above: they are the last before and the first after the step from 0 to 1.
        byte[] samples = [0x00, 0x80, 0x00, 0x81, 0xFF, 0xFF];

        var picture = PictureDecoder.Decode(TestPictures.Png(1, 1, 16, 2, samples), Pixels);

        Assert.Equal([0, 1, 255], picture.Rgb);
    }

    [Fact]
    public void Png_WhenPalette_LooksColoursUp()
    {
        var png = TestPictures.Png(4, 1, 2, 3, [0b00_01_10_01], ("PLTE", [1, 2, 3, 40, 50, 60, 255, 0, 9]));

        Assert.Equal([1, 2, 3, 40, 50, 60, 255, 0, 9, 40, 50, 60], PictureDecoder.Decode(png, Pixels).Rgb);
    }

    [Fact]
    public void Png_WhenOneBit_IsBlackAndWhite()
    {
        Assert.Equal([255, 255, 255, 0, 0, 0], PictureDecoder.Decode(TestPictures.Png(2, 1, 1, 0, [0b1000_0000]), Pixels).Rgb);
    }

    [Fact]
    public void Png_WhenTransparent_LiesOverWhite()
    {
        byte[] samples = [200, 100, 50, 255, 200, 100, 50, 0, 200, 100, 50, 51];

        var picture = PictureDecoder.Decode(TestPictures.Png(3, 1, 8, 6, samples), Pixels);

        Assert.Equal([200, 100, 50, 255, 255, 255, 244, 224, 214], picture.Rgb);
    }

    [Fact]
    public void Png_WhenGreyAndTransparent_LiesOverWhite()
    {
        Assert.Equal([0, 0, 0, 255, 255, 255], PictureDecoder.Decode(TestPictures.Png(2, 1, 8, 4, [0, 255, 0, 0]), Pixels).Rgb);
    }

    [Fact]
    public void Png_WhenDecompressionBomb_IsRefusedByItsHeader()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Refused(TestPictures.Png(60_000, 60_000, 8, 6, []), ItemErrorCode.TooLarge);

        Assert.Contains("60000 x 60000 = 3600000000 pixels; at most 1000000", error, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Picture_WhenOnePixelOverTheLimit_IsRefused()
    {
        var png = TestPictures.Png(3, 1, 8, 0, [1, 2, 3]);

        Assert.Equal(9, PictureDecoder.Decode(png, 3).Rgb.Length);
        Assert.Equal(ItemErrorCode.TooLarge, Assert.Throws<ItemException>(() => PictureDecoder.Decode(png, 2)).Code);
    }

    [Fact]
    public void Jpeg_WhenTruncatedAnywhere_IsRefused()
    {
        for (var length = 3; length < TestPictures.Rgb.Length - 2; length += 7)
        {
            Assert.Contains("broken or truncated", Refused(TestPictures.Rgb[..length], ItemErrorCode.Undecodable), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Png_WhenTruncated_IsRefused()
    {
        var png = TestPictures.Png(64, 64, 8, 0, [.. Enumerable.Range(0, 64 * 64).Select(i => (byte)((i * i >> 3) & 0xFF))]);

        Refused(png[..^60], ItemErrorCode.Undecodable);
        Refused(png[..20], ItemErrorCode.Undecodable);
    }

    [Theory]
    [InlineData("", "empty (0 bytes)")]
    [InlineData("GIF89a......", "GIF")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>", "HTML or SVG")]
    [InlineData("%PDF-1.7", "PDF")]
    [InlineData("RIFF....WEBPVP8 ", "WebP")]
    [InlineData("plain words", "706c61696e20776f")]
    public void Bytes_WhenNoPicture_SayWhatTheyLookLike(string bytes, string expected) =>
        Assert.Contains(expected, Refused(System.Text.Encoding.UTF8.GetBytes(bytes), ItemErrorCode.Undecodable), StringComparison.Ordinal);

    [Fact]
    public void PngWriter_WhatItWrites_DecodesToTheSamePixels()
    {
        var rgb = new byte[37 * 11 * 3];
        new Random(5).NextBytes(rgb);

        var file = PngWriter.Write(new Picture(37, 11, rgb));

        Assert.Equal(rgb, PictureDecoder.Decode(file, Pixels).Rgb);
    }

    private static string Refused(byte[] bytes, ItemErrorCode code)
    {
        var error = Assert.Throws<ItemException>(() => PictureDecoder.Decode(bytes, Pixels));
        Assert.Equal(code, error.Code);
        return error.Message;
    }

    private static string Corners(Picture picture)
    {
        char At(int x, int y) => (char)picture.Rgb[((y * picture.Width) + x) * 3];
        var (right, bottom) = (picture.Width - 1, picture.Height - 1);
        return $"{At(0, 0)}{At(right, 0)}/{At(0, bottom)}{At(right, bottom)}";
    }

    private static void AssertNear((int R, int G, int B) expected, Picture picture, int x, int y)
    {
        var pixel = picture.Rgb.AsSpan(((y * picture.Width) + x) * 3, 3);
        Assert.InRange(pixel[0], expected.R - 3, expected.R + 3);
        Assert.InRange(pixel[1], expected.G - 3, expected.G + 3);
        Assert.InRange(pixel[2], expected.B - 3, expected.B + 3);
    }
}
