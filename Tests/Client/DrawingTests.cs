using PiGrid.Client.Drawing;
using PiGrid.Inference.Imaging;
using PiGrid.Verification;

namespace PiGrid.Tests.Client;

public sealed class DrawingTests
{
    [Fact]
    public void Frame_WhenInside_ColoursItsLineAlone()
    {
        var picture = Black(10, 8);

        new Canvas(picture).Frame(2, 1, 8, 6, 1, new Rgb(255, 0, 0));

        for (var y = 0; y < 8; y++)
        {
            for (var x = 0; x < 10; x++)
            {
                var inside = x is >= 2 and < 8 && y is >= 1 and < 6;
                var line = inside && (x is 2 or 7 || y is 1 or 5);
                Assert.Equal(line ? 255 : 0, picture.Rgb[((y * 10) + x) * 3]);
            }
        }
    }

    [Fact]
    public void Drawing_WhenOutsideThePicture_IsCutOff()
    {
        var picture = Black(4, 4);

        new Canvas(picture).Fill(-100, -100, 100, 2, new Rgb(9, 9, 9));
        new Canvas(picture).Text(-3, 3, "Ä%", 2, new Rgb(9, 9, 9));

        Assert.Equal(9, picture.Rgb[0]);
    }

    [Fact]
    public void Text_WhenDrawn_HasTheGlyphsPixels()
    {
        var picture = Black(5, 7);

        new Canvas(picture).Text(0, 0, "t", 1, new Rgb(1, 1, 1));

        // A capital T: a bar on top and a stem in the middle.
        var drawn = Enumerable.Range(0, 35).Where(i => picture.Rgb[i * 3] == 1);
        Assert.Equal([0, 1, 2, 3, 4, 7, 12, 17, 22, 27, 32], drawn);
    }

    [Fact]
    public void Font_WhenCharactersOfLabelsAndScores_KnowsThemAll() =>
        Assert.All("abcdefghijklmnopqrstuvwxyz0123456789 .-", c => Assert.NotEqual(Font.RowsOf('\u1234'), Font.RowsOf(c)));

    [Fact]
    public void Annotator_WhenDetections_DrawsIntoACopyThatReadsBackAsPng()
    {
        var picture = Black(320, 240);
        var output = new ItemOutput { Detections = [new Detection(0, "bus", 0.93, new Box(40, 50, 200, 180)), new Detection(1, "person", 0.5, new Box(-5, -5, 400, 300))] };

        var drawn = Annotator.Draw(picture, output);
        var read = PictureDecoder.Decode(PngWriter.Write(drawn), 1_000_000);

        Assert.All(picture.Rgb, sample => Assert.Equal(0, sample));
        Assert.Equal(drawn.Rgb, read.Rgb);
        Assert.NotEqual(0, drawn.Rgb[((100 * 320) + 40) * 3]);
    }

    [Fact]
    public void Annotator_WhenError_SaysSo()
    {
        var drawn = Annotator.Draw(Black(200, 40), new ItemOutput { Error = new(ItemErrorCode.Undecodable, "x") });

        Assert.Contains(drawn.Rgb, sample => sample != 0);
    }

    private static Picture Black(int width, int height) => new(width, height, new byte[width * height * 3]);
}
