using PiGrid.Inference.Imaging;
using PiGrid.Models;

namespace PiGrid.Inference.Inputs;

/// <summary>
/// Lays pictures into one tensor of 32-bit floats as <see cref="ImageSteps"/> says: resize, order channels,
/// <c>(value * scale - mean) / std</c>. The tensor is reused from picture to picture.
/// </summary>
internal sealed class PictureTensor
{
    private readonly ImageSteps _steps;
    private readonly int _channels;
    private readonly float _scale;
    private readonly float[] _mean;
    private readonly float[] _std;

    public PictureTensor(ImageSteps steps)
    {
        _steps = steps;
        _channels = ChannelsOf(steps);
        _scale = (float)steps.Scale;
        _mean = PerChannel(steps.Mean, 0);
        _std = PerChannel(steps.Std, 1);
        Shape = ShapeOf(steps);
        Data = new float[steps.Width * steps.Height * _channels];
    }

    /// <summary>[1, channels, height, width] or [1, height, width, channels].</summary>
    public long[] Shape { get; }

    /// <summary>The last picture's elements.</summary>
    public float[] Data { get; }

    /// <summary>How many channels a picture has in the tensor.</summary>
    public static int ChannelsOf(ImageSteps steps) => steps.Channels == ChannelOrder.Grey ? 1 : 3;

    /// <summary>The tensor's dimensions.</summary>
    public static long[] ShapeOf(ImageSteps steps) => steps.Layout == TensorLayout.Nchw
        ? [1, ChannelsOf(steps), steps.Height, steps.Width]
        : [1, steps.Height, steps.Width, ChannelsOf(steps)];

    /// <summary>Replaces <see cref="Data"/> by a picture's and says where the picture lies in it.</summary>
    public PictureGeometry Fill(Picture picture)
    {
        var geometry = PictureGeometry.Of(_steps, picture.Width, picture.Height);
        var resampler = new PictureResampler(picture, geometry);
        if (resampler.Width < _steps.Width || resampler.Height < _steps.Height)
        {
            FillBorder();
        }

        var row = new float[resampler.Width * 3];
        for (var y = 0; y < resampler.Height; y++)
        {
            resampler.Row(y, row);
            Place(row, resampler.Left, resampler.Top + y, resampler.Width);
        }

        return geometry;
    }

    private void FillBorder()
    {
        if (_steps.Layout == TensorLayout.Nchw)
        {
            var plane = _steps.Width * _steps.Height;
            for (var c = 0; c < _channels; c++)
            {
                Data.AsSpan(c * plane, plane).Fill(Normalise((float)_steps.Pad, c));
            }

            return;
        }

        for (var i = 0; i < Data.Length; i++)
        {
            Data[i] = Normalise((float)_steps.Pad, i % _channels);
        }
    }

    private void Place(float[] rgb, int left, int y, int width)
    {
        var isPlanar = _steps.Layout == TensorLayout.Nchw;
        var step = isPlanar ? 1 : _channels;
        for (var c = 0; c < _channels; c++)
        {
            var start = isPlanar
                ? (((c * _steps.Height) + y) * _steps.Width) + left
                : ((((y * _steps.Width) + left) * _channels) + c);
            var to = Data.AsSpan(start, ((width - 1) * step) + 1);
            if (_channels == 1)
            {
                PlaceGrey(rgb, to, step);
            }
            else
            {
                PlaceChannel(rgb, _steps.Channels == ChannelOrder.Rgb ? c : 2 - c, c, to, step);
            }
        }
    }

    private void PlaceChannel(float[] rgb, int colour, int channel, Span<float> to, int step)
    {
        var (scale, mean, std) = (_scale, _mean[channel], _std[channel]);
        unchecked
        {
            for (int from = colour, at = 0; at < to.Length; from += 3, at += step)
            {
                to[at] = ((rgb[from] * scale) - mean) / std;
            }
        }
    }

    /// <summary>Written as differences to green, so that a grey picture keeps its values exactly.</summary>
    private void PlaceGrey(float[] rgb, Span<float> to, int step)
    {
        for (int from = 0, at = 0; at < to.Length; from += 3, at += step)
        {
            var green = rgb[from + 1];
            to[at] = Normalise(green + (0.299f * (rgb[from] - green)) + (0.114f * (rgb[from + 2] - green)), 0);
        }
    }

    private float Normalise(float value, int channel) => ((value * _scale) - _mean[channel]) / _std[channel];

    private float[] PerChannel(IReadOnlyList<double> values, float otherwise)
    {
        var result = new float[_channels];
        for (var c = 0; c < _channels; c++)
        {
            result[c] = values.Count == 0 ? otherwise : (float)values[c];
        }

        return result;
    }
}
