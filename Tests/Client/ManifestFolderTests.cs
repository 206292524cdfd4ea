using PiGrid.Client;

namespace PiGrid.Tests.Client;

public sealed class ManifestFolderTests : IDisposable
{
    private const string Rest = """
        "schema": "pigrid-manifest/1", "name": "m", "version": "1", "publisher": "p", "licence": "Apache-2.0", "category": "vision",
        "preprocess": {"kind": "tensors"}, "postprocess": {"kind": "tensors"}, "comparator": {"kind": "tensors"}
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Load_WhenFilesLieBeside_FillsInDigestsAndSizes()
    {
        _folder.Write("model.onnx", "bytes");
        _folder.Write("sub/labels.txt", "a\nb\n");
        var manifest = _folder.Write("manifest.json", $$"""{ {{Rest}}, "model": {"file": "model.onnx"}, "files": [{"file": "sub/labels.txt"}] }""");

        var loaded = await ManifestFolder.LoadAsync(manifest);

        Assert.Equal(5, loaded.Sealed.Model!.Size);
        Assert.Equal(Sha256.Of("bytes"u8), loaded.Sealed.Model.Sha256);
        Assert.Equal(Sha256.Of("a\nb\n"u8), loaded.Sealed.Files[0].Sha256);
        Assert.Equal(2, loaded.Paths.Count);
    }

    [Theory]
    [InlineData("""{ REST, "model": {"file": "absent.onnx"} }""", "absent.onnx")]
    [InlineData("""{ REST, "model": {"file": "../outside.onnx"} }""", "model")]
    [InlineData("""{ REST, "model": {"file": "/etc/hostname"} }""", "model")]
    [InlineData("""{ REST, "modle": {"file": "model.onnx"} }""", "modle")]
    [InlineData("""{ REST, "files": [{"file": "manifest.json", "size": 1}] }""", "files[0]")]
    [InlineData("""{ "name": "m" }""", "not valid")]
    [InlineData("nonsense", "not valid")]
    public async Task Load_WhenInvalid_NamesTheManifestAndWhatIsWrong(string text, string expected)
    {
        var manifest = _folder.Write("manifest.json", text.Replace("REST", Rest, StringComparison.Ordinal));

        var error = await Assert.ThrowsAsync<ManifestException>(() => ManifestFolder.LoadAsync(manifest));

        Assert.Contains("manifest.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, string.Join(' ', error.Fields.Select(f => $"{f.Field} {f.Message}").Prepend(error.Message)), StringComparison.Ordinal);
    }
}
