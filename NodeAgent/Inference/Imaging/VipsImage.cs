namespace PiGrid.Inference.Imaging;

/// <summary>An image that libvips has opened: its header is read, its pixels are decoded when asked for. Borrows the file's bytes.</summary>
internal sealed unsafe class VipsImage : IDisposable
{
    private nint _image;

    private VipsImage(nint image) => _image = image;

    public int Width => Vips.ImageWidth(_image);

    public int Height => Vips.ImageHeight(_image);

    /// <summary>Samples per pixel.</summary>
    public int Bands => Vips.ImageBands(_image);

    /// <summary>The samples' type: <see cref="Vips.FormatByte"/>, <see cref="Vips.FormatUShort"/>, ...</summary>
    public int Format => Vips.ImageFormat(_image);

    public bool IsCmyk => Vips.ImageInterpretation(_image) == Vips.InterpretationCmyk;

    /// <summary>The EXIF orientation, 1 to 8; 1 when there is none.</summary>
    public int Orientation => Vips.ImageOrientation(_image);

    /// <summary>Opens a file in memory; null with the reason when its header is broken.</summary>
    /// <param name="loader">The operation that reads it, such as <c>jpegload_buffer</c>.</param>
    /// <param name="data">The file, which must not move until the image is disposed.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="error">Why it cannot be opened.</param>
    public static VipsImage? Open(string loader, byte* data, int length, out string? error)
    {
        error = null;
        var operation = Vips.OperationNew(loader);
        if (operation == 0)
        {
            error = VipsLibrary.TakeError();
            return null;
        }

        SetBlob(operation, data, length);
        SetEnum(operation, "access", Vips.AccessType(), Vips.AccessSequential);
        SetEnum(operation, "fail_on", Vips.FailOnType(), Vips.FailOnError);
        var built = Vips.OperationBuild(operation);
        if (built == 0)
        {
            error = VipsLibrary.TakeError();
            Vips.UnrefOutputs(operation);
            Vips.ObjectUnref(operation);
            return null;
        }

        Vips.ObjectUnref(operation);
        var image = TakeOutput(built);
        Vips.UnrefOutputs(built);
        Vips.ObjectUnref(built);
        return new(image);
    }

    /// <summary>Decodes the pixels, hands them to <paramref name="use"/>, and frees them; false with the reason when they are broken.</summary>
    public bool Decode(SamplesAction use, out string? error)
    {
        nuint size;
        var samples = Vips.ImageWriteToMemory(_image, &size);
        if (samples == null)
        {
            error = VipsLibrary.TakeError();
            return false;
        }

        try
        {
            use(new ReadOnlySpan<byte>(samples, checked((int)size)));
        }
        finally
        {
            Vips.Free((nint)samples);
        }

        error = null;
        return true;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _image, 0) is var image and not 0)
        {
            Vips.ObjectUnref(image);
        }
    }

    /// <summary>Reads decoded samples while they are there.</summary>
    public delegate void SamplesAction(ReadOnlySpan<byte> samples);

    private static void SetBlob(nint operation, byte* data, int length)
    {
        var blob = Vips.BlobNew(0, data, (nuint)length);
        Vips.Value value = default;
        Vips.ValueInit(&value, Vips.BlobType());
        Vips.ValueSetBoxed(&value, blob);
        Vips.AreaUnref(blob);
        Vips.ObjectSetProperty(operation, "buffer", &value);
        Vips.ValueUnset(&value);
    }

    private static void SetEnum(nint operation, string name, nuint type, int number)
    {
        Vips.Value value = default;
        Vips.ValueInit(&value, type);
        Vips.ValueSetEnum(&value, number);
        Vips.ObjectSetProperty(operation, name, &value);
        Vips.ValueUnset(&value);
    }

    private static nint TakeOutput(nint operation)
    {
        Vips.Value value = default;
        Vips.ValueInit(&value, Vips.ImageType());
        Vips.ObjectGetProperty(operation, "out", &value);
        var image = Vips.ValueDupObject(&value);
        Vips.ValueUnset(&value);
        return image;
    }
}
