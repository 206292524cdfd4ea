using System.Numerics;
using PiGrid.Inference.Imaging;

namespace PiGrid.Inference.Inputs;

/// <summary>
/// Bilinear resize in plain single-precision arithmetic, without fused operations and without antialiasing, so that every processor gives
/// the same samples. Rows come out one by one: a whole resized picture is never held.
/// </summary>
internal sealed class PictureResampler
{
    private readonly Picture _picture;
    private readonly ResampleAxis _columns;
    private readonly ResampleAxis _rows;
    private readonly float[] _upper;
    private readonly float[] _lower;
    private int _upperRow = -1;
    private int _lowerRow = -1;

    public PictureResampler(Picture picture, PictureGeometry geometry)
    {
        _picture = picture;
        (Left, Top) = (Math.Max(0, geometry.Left), Math.Max(0, geometry.Top));
        Width = Math.Min(geometry.Width, geometry.Left + geometry.ScaledWidth) - Left;
        Height = Math.Min(geometry.Height, geometry.Top + geometry.ScaledHeight) - Top;
        _columns = new(Left - geometry.Left, Width, picture.Width, geometry.ScaledWidth);
        _rows = new(Top - geometry.Top, Height, picture.Height, geometry.ScaledHeight);
        _upper = new float[Width * 3];
        _lower = new float[Width * 3];
    }

    /// <summary>The left edge in the tensor of what is written.</summary>
    public int Left { get; }

    /// <summary>The upper edge in the tensor of what is written.</summary>
    public int Top { get; }

    /// <summary>Columns written.</summary>
    public int Width { get; }

    /// <summary>Rows written.</summary>
    public int Height { get; }

    /// <summary>Writes row <paramref name="row"/> (from 0, asked for in order) as RGB 0 to 255: <see cref="Width"/> * 3 samples.</summary>
    public void Row(int row, Span<float> rgb)
    {
        Load(_rows.Low[row], _rows.High[row]);
        var weight = _rows.Weight[row];
        var upper = _upper.AsSpan(0, rgb.Length);
        var lower = _lower.AsSpan(0, rgb.Length);
        var i = 0;
        for (var lanes = Vector<float>.Count; i <= rgb.Length - lanes; i += lanes)
        {
            var above = new Vector<float>(upper[i..]);
            // Element by element the same two roundings as below: no fused multiply-add.
            (above + ((new Vector<float>(lower[i..]) - above) * weight)).CopyTo(rgb[i..]);
        }

        for (; i < rgb.Length; i++)
        {
            rgb[i] = upper[i] + ((lower[i] - upper[i]) * weight);
        }
    }

    private void Load(int upper, int lower)
    {
        if (upper == _lowerRow && upper != _upperRow)
        {
            _lower.AsSpan().CopyTo(_upper);
            _upperRow = upper;
        }

        if (upper != _upperRow)
        {
            Blend(upper, _upper);
            _upperRow = upper;
        }

        if (lower != _lowerRow)
        {
            Blend(lower, _lower);
            _lowerRow = lower;
        }
    }

    /// <summary>One source row, resized along x.</summary>
    private void Blend(int row, float[] to)
    {
        var stride = _picture.Width * 3;
        var source = _picture.Rgb.AsSpan(row * stride, stride);
        var (low, high, weight) = (_columns.Low, _columns.High, _columns.Weight);
        unchecked
        {
            for (int x = 0, i = 0; x < low.Length; x++, i += 3)
            {
                var a = source.Slice(low[x] * 3, 3);
                var b = source.Slice(high[x] * 3, 3);
                var w = weight[x];
                to[i] = a[0] + ((b[0] - a[0]) * w);
                to[i + 1] = a[1] + ((b[1] - a[1]) * w);
                to[i + 2] = a[2] + ((b[2] - a[2]) * w);
            }
        }
    }
}
