using PiGrid.Inference.Imaging;
using PiGrid.Inference.Inputs;
using PiGrid.Models;

namespace PiGrid.Tests.Inference;

/// <summary>Resizing and normalising, against values worked out by hand.</summary>
public class PictureTensorTests
{
    private static readonly Picture TwoByOne = new(2, 1, [10, 20, 30, 50, 60, 70]);

    [Fact]
    public void Stretch_ToTheSameSize_KeepsEveryValue()
    {
        var tensor = Fill(new() { Width = 2, Height = 1, Fit = ImageFit.Stretch }, TwoByOne);

        Assert.Equal([1, 3, 1, 2], tensor.Shape);
        Assert.Equal([10f, 50, 20, 60, 30, 70], tensor.Data);
    }

    [Fact]
    public void Stretch_ToTwiceTheWidth_BlendsBetweenPixelCentres()
    {
        var tensor = Fill(new() { Width = 4, Height = 1, Fit = ImageFit.Stretch, Channels = ChannelOrder.Grey }, Grey(2, 1, [0, 100]));

        Assert.Equal([0f, 25, 75, 100], tensor.Data);
    }

    [Fact]
    public void Stretch_ToHalfTheSize_TakesTheMeanOfTheMiddle()
    {
        var picture = Grey(4, 2, [0, 10, 20, 30, 40, 50, 60, 70]);

        Assert.Equal([25f, 45], Fill(new() { Width = 2, Height = 1, Fit = ImageFit.Stretch, Channels = ChannelOrder.Grey }, picture).Data);
    }

    [Fact]
    public void Channels_WhenBgrAndNhwc_AreInterleavedBlueFirst()
    {
        var tensor = Fill(new() { Width = 2, Height = 1, Fit = ImageFit.Stretch, Channels = ChannelOrder.Bgr, Layout = TensorLayout.Nhwc }, TwoByOne);

        Assert.Equal([1, 1, 2, 3], tensor.Shape);
        Assert.Equal([30f, 20, 10, 70, 60, 50], tensor.Data);
    }

    [Fact]
    public void Normalisation_IsPerChannelInTheTensorsOrder()
    {
        var steps = new ImageSteps
        {
            Width = 2, Height = 1, Fit = ImageFit.Stretch, Channels = ChannelOrder.Bgr, Scale = 2, Mean = [60, 40, 20], Std = [1, 2, 4],
        };

        Assert.Equal([0f, 80, 0, 40, 0, 20], Fill(steps, TwoByOne).Data);
    }

    [Fact]
    public void Letterbox_FillsTheBorderBeforeNormalisation()
    {
        var steps = new ImageSteps { Width = 2, Height = 3, Fit = ImageFit.LetterboxCentred, Pad = 114, Channels = ChannelOrder.Grey, Mean = [14], Std = [10] };

        Assert.Equal([10f, 10, 0, 1, 10, 10], Fill(steps, Grey(2, 1, [14, 24])).Data);
    }

    [Fact]
    public void Tensor_WhenReused_KeepsNothingOfThePictureBefore()
    {
        var tensor = new PictureTensor(new() { Width = 4, Height = 4, Pad = 7 });
        tensor.Fill(new Picture(4, 4, [.. Enumerable.Repeat((byte)200, 48)]));

        tensor.Fill(TwoByOne);

        Assert.DoesNotContain(200f, tensor.Data);
        Assert.Equal(3 * 8, tensor.Data.Count(v => v == 7));
    }

    [Fact]
    public void Grey_OfAGreyPicture_KeepsEveryValueExactly()
    {
        var values = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();

        var tensor = Fill(new() { Width = 16, Height = 16, Fit = ImageFit.Stretch, Channels = ChannelOrder.Grey }, Grey(16, 16, values));

        Assert.Equal(values.Select(v => (float)v), tensor.Data);
    }

    [Fact]
    public void Grey_OfColours_WeighsThemAsBt601()
    {
        var tensor = Fill(new() { Width = 2, Height = 1, Fit = ImageFit.Stretch, Channels = ChannelOrder.Grey }, TwoByOne);

        Assert.Equal((0.299f * 10) + (0.587f * 20) + (0.114f * 30), tensor.Data[0], 1e-4f);
    }

    [Fact]
    public void CentreCrop_TakesTheMiddleOfTheResizedPicture()
    {
        var picture = Grey(8, 2, [.. Enumerable.Range(0, 16).Select(i => (byte)(i % 8 * 10))]);

        var tensor = Fill(new() { Width = 2, Height = 2, Fit = ImageFit.CentreCrop, ShortSide = 2, Channels = ChannelOrder.Grey }, picture);

        Assert.Equal([30f, 40, 30, 40], tensor.Data);
    }

    private static PictureTensor Fill(ImageSteps steps, Picture picture)
    {
        var tensor = new PictureTensor(steps);
        tensor.Fill(picture);
        return tensor;
    }

    private static Picture Grey(int width, int height, byte[] values) => new(width, height, [.. values.SelectMany(v => new[] { v, v, v })]);
}
