using PiGrid.Inference;
using PiGrid.Inference.Imaging;

namespace PiGrid.Client.Results;

/// <summary>
/// Finds the picture behind a result. The grid keeps inputs by digest, and a receipt lists its shard's inputs in order; so the n-th result of a
/// receipt is the receipt's n-th input. Results come in input order, so one receipt is held at a time.
/// </summary>
internal sealed class ResultPictures(GridClient grid) : IResultPictures
{
    // What a person opens on a screen; a bomb is refused by its header.
    private const long PixelsMax = 100_000_000;

    private ReceiptId? _receipt;
    private IReadOnlyList<Sha256> _inputs = [];
    private int _next;

    /// <inheritdoc/>
    public async Task<Picture?> NextAsync(JobResult result, CancellationToken cancellationToken)
    {
        if (result.Receipt is not { } receipt)
        {
            return null;
        }

        if (_receipt != receipt)
        {
            var found = await grid.FindReceiptAsync(receipt, cancellationToken);
            (_receipt, _inputs, _next) = (receipt, found?.Body.Inputs ?? [], 0);
        }

        var place = _next++;
        if (place >= _inputs.Count)
        {
            return null;
        }

        await using var stream = await grid.OpenBlobAsync(_inputs[place], cancellationToken);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancellationToken);
        try
        {
            return PictureDecoder.Decode(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), PixelsMax);
        }
        catch (ItemException)
        {
            // No picture, which the result itself says as its error.
            return null;
        }
    }
}

/// <summary>Gives the pictures of results, which are asked for in input order.</summary>
internal interface IResultPictures
{
    /// <summary>The picture; null when it is not to be had.</summary>
    Task<Picture?> NextAsync(JobResult result, CancellationToken cancellationToken);
}
