using System.Security.Cryptography;

namespace PiGrid.Client;

/// <summary>A grid's public key as a file: PEM of its SubjectPublicKeyInfo, which any program for keys reads.</summary>
public static class GridKeyFile
{
    private const string Label = "PUBLIC KEY";

    /// <summary>The text of the file.</summary>
    /// <param name="gridKey">The key: DER SubjectPublicKeyInfo, as <see cref="GridClient.GetGridAsync"/> gives it.</param>
    public static string Write(ReadOnlySpan<byte> gridKey) => PemEncoding.WriteString(Label, gridKey) + "\n";

    /// <summary>The key in the text.</summary>
    /// <exception cref="FormatException">It is not the PEM of a public key.</exception>
    public static byte[] Read(string text)
    {
        if (!PemEncoding.TryFind(text, out var fields) || text[fields.Label] != Label)
        {
            throw new FormatException($"it holds no '-----BEGIN {Label}-----'");
        }

        var key = new byte[fields.DecodedDataLength];
        return Convert.TryFromBase64String(text[fields.Base64Data], key, out var length) && length == key.Length && length <= Signatures.PublicKeyMax
            ? key
            : throw new FormatException("its key is not a P-256 public key");
    }
}
