using System.Text;

namespace PiGrid.Inference.Outputs;

/// <summary>The names of a model's classes: UTF-8 text, one class a line, in the order of the model's classes.</summary>
internal sealed class LabelFile
{
    private const int NameLengthMax = 500;

    private readonly string[]? _names;

    private LabelFile(string[]? names) => _names = names;

    /// <summary>No file: a class's index is its name.</summary>
    public static LabelFile None { get; } = new(null);

    /// <summary>How many classes the file names; null without a file.</summary>
    public int? Count => _names?.Length;

    /// <summary>Reads a file; null with the reason when it is none.</summary>
    public static LabelFile? TryRead(ReadOnlySpan<byte> data, out string? error)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(data);
        }
        catch (DecoderFallbackException e)
        {
            error = $"the file is no valid UTF-8 at byte {e.Index}: save it as UTF-8";
            return null;
        }

        var names = text.TrimStart('\uFEFF').TrimEnd().Split('\n', StringSplitOptions.TrimEntries);
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Length is 0 or > NameLengthMax || names[i].Any(char.IsControl))
            {
                error = $"line {i + 1} is empty, longer than {NameLengthMax} characters or has control characters: give one class a line";
                return null;
            }
        }

        error = null;
        return new(names);
    }

    /// <summary>The name of a class.</summary>
    public string NameOf(int index) => _names is null ? index.ToString(System.Globalization.CultureInfo.InvariantCulture) : _names[index];

    /// <summary>Fails an item whose model gave out another number of classes than the file names.</summary>
    /// <exception cref="ItemException">So it is (model failed).</exception>
    public void Require(int classes, string output)
    {
        if (Count is { } count && count != classes)
        {
            throw new ItemException(
                Verification.ItemErrorCode.ModelFailed,
                $"The model's output '{output}' has {classes} classes, but the label file names {count}.");
        }
    }
}
