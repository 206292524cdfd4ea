using System.Text.Json;
using PiGrid.Client.Results;
using PiGrid.Inference.Imaging;
using PiGrid.Verification;

namespace PiGrid.Tests.Client;

public sealed class ResultWriterTests : IDisposable
{
    private static readonly JobResult[] Results =
    [
        new() { Index = 0, Name = "street/one.jpg", Output = new() { Detections = [new(2, "bus", 0.9, new Box(10, 20, 40.5, 80)), new(0, "person", 0.8, new Box(1, 2, 3, 4))] } },
        new() { Index = 1, Name = "two.png", Output = new() { Detections = [] } },
        new() { Index = 2, Name = "broken.jpg", Output = new() { Error = new(ItemErrorCode.Undecodable, "no picture") } },
    ];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task JsonLines_WhenWritten_ReadBackTheSame()
    {
        using var output = new KeptStream();

        var count = await JsonLinesWriter.WriteAsync(Results.ToAsyncEnumerable(), output, default);

        var lines = output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, count);
        Assert.Equal(Results.Select(r => JsonSerializer.Serialize(r, GridJson.Wire)), lines);
    }

    [Fact]
    public async Task Coco_WhenDetections_HasImagesAnnotationsAndCategories()
    {
        using var output = new KeptStream();

        await CocoWriter.WriteAsync(Results.ToAsyncEnumerable(), new Sizes(), output, default);

        using var document = JsonDocument.Parse(output.Text);
        var root = document.RootElement;
        Assert.Equal(["street/one.jpg", "two.png", "broken.jpg"], root.GetProperty("images").EnumerateArray().Select(i => i.GetProperty("file_name").GetString()));
        Assert.Equal(640, root.GetProperty("images")[0].GetProperty("width").GetInt32());
        Assert.False(root.GetProperty("images")[2].TryGetProperty("width", out _));
        var bus = root.GetProperty("annotations")[0];
        Assert.Equal([10, 20, 30.5, 60], bus.GetProperty("bbox").EnumerateArray().Select(v => v.GetDouble()));
        Assert.Equal(1830, bus.GetProperty("area").GetDouble());
        Assert.Equal(3, bus.GetProperty("category_id").GetInt32());
        Assert.Equal(1, bus.GetProperty("image_id").GetInt32());
        Assert.Equal(
            [(1, "person"), (3, "bus")],
            root.GetProperty("categories").EnumerateArray().Select(c => (c.GetProperty("id").GetInt32(), c.GetProperty("name").GetString()!)));
    }

    [Fact]
    public async Task Pictures_WhenWritten_AreOnePngForEachPictureThereIs()
    {
        var count = await PictureFolder.WriteAsync(Results.ToAsyncEnumerable(), new Sizes(), _folder.Path, default);

        var files = Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order();
        Assert.Equal(2, count);
        Assert.Equal(["street_one.png", "two.png"], files);
        Assert.Equal(640, PictureDecoder.Decode(await File.ReadAllBytesAsync(Path.Combine(_folder.Path, "two.png")), 1_000_000).Width);
    }

    [Theory]
    [InlineData("a.jpg", "a-2.png")]
    [InlineData("../../etc/passwd", "_.._etc_passwd.png")]
    [InlineData("", "picture.png")]
    public void NameOf_WhenUnsafeOrTaken_IsSafeAndNew(string input, string expected) =>
        Assert.Equal(expected, PictureFolder.NameOf(input, ["a.png"]));

    private sealed class Sizes : IResultPictures
    {
        public Task<Picture?> NextAsync(JobResult result, CancellationToken cancellationToken) =>
            Task.FromResult(result.Output.Error is null ? new Picture(640, 48, new byte[640 * 48 * 3]) : null);
    }

    /// <summary>A stream whose text can be read after a writer closed it.</summary>
    private sealed class KeptStream : MemoryStream
    {
        public string Text => System.Text.Encoding.UTF8.GetString(ToArray());
    }
}
