namespace PiGrid.Grains.Storage;

/// <summary>What every blob store asks of the bytes that it is sent.</summary>
internal static class BlobChecks
{
    /// <summary>Refuses more bytes than are allowed.</summary>
    /// <exception cref="BlobRejectedException">There are more.</exception>
    public static void RequireSize(long size, long bytesMax)
    {
        if (size > bytesMax)
        {
            throw new BlobRejectedException($"The blob has more than the {bytesMax} bytes that are allowed here.") { TooLarge = true };
        }
    }

    /// <summary>Refuses bytes that are not what their name says.</summary>
    /// <exception cref="BlobRejectedException">Their digest is another.</exception>
    public static void RequireDigest(BlobRef blob, Sha256? expected)
    {
        if (expected is { } digest && digest != blob.Sha256)
        {
            throw new BlobRejectedException(
                $"The {blob.Size} bytes have the digest {blob.Sha256}, not {digest}: send the bytes that the digest names.");
        }
    }
}
