using System.Text;
using PiGrid.Client.Cli;
using PiGrid.Models;

namespace PiGrid.Tests.Client;

public sealed class InputTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public InputTests()
    {
        foreach (var name in new[] { "b.jpg", "a.png", "notes.txt", "deep/er/c.JPEG", "deep/d.png", ".hidden.png" })
        {
            _folder.Write(name, name);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Resolve_WhenFolderAndModelTakesPictures_GivesItsPicturesInOrder() =>
        Assert.Equal(["a.png", "b.jpg", "deep/d.png", "deep/er/c.JPEG"], Names(InputKind.Image, _folder.Path));

    [Fact]
    public void Resolve_WhenFolderAndModelIsUnknown_GivesEveryFile() =>
        Assert.Equal(["a.png", "b.jpg", "deep/d.png", "deep/er/c.JPEG", "notes.txt"], Names(null, _folder.Path));

    [Theory]
    [InlineData("*.png", "a.png")]
    [InlineData("**/*.png", "a.png,deep/d.png")]
    [InlineData("deep/*", "d.png")]
    [InlineData("?.jpg", "b.jpg")]
    public void Resolve_WhenPattern_GivesWhatItMatches(string pattern, string expected) =>
        Assert.Equal(expected.Split(','), Names(InputKind.Image, Path.Combine(_folder.Path, pattern)));

    [Fact]
    public void Resolve_WhenSomethingIsMissing_NamesAllThatIs()
    {
        var error = Assert.Throws<UsageException>(() => InputFiles.Resolve(["/nowhere/x", Path.Combine(_folder.Path, "*.gif"), _folder.Path], InputKind.Image));

        Assert.Contains("/nowhere/x", error.Message, StringComparison.Ordinal);
        Assert.Contains("*.gif", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_WhenOfEveryKind_GiveTheirBytes()
    {
        var path = _folder.Write("lines.jsonl", """
            {"name": "greeting", "text": "héllo"}
            {"file": "b.jpg"}

            {"data": "AQID"}
            {"tensors": [{"name": "x", "type": "float32", "shape": [1], "data": "AACAPw=="}]}
            """);

        var inputs = InputLines.Read(path);

        Assert.Equal(["greeting", "b.jpg", "line-4", "line-5"], inputs.Select(i => i.Name));
        Assert.Equal("héllo", Encoding.UTF8.GetString(inputs[0].Data!.Value.Span));
        Assert.Equal(Path.Combine(_folder.Path, "b.jpg"), inputs[1].Path);
        Assert.Null(inputs[1].Data);
        Assert.Equal(5, inputs[1].Length);
        Assert.Equal([1, 2, 3], inputs[2].Data!.Value.ToArray());
        Assert.Contains("\"float32\"", Encoding.UTF8.GetString(inputs[3].Data!.Value.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"text": "a", "data": "AQID"}""", "exactly one")]
    [InlineData("""{"name": "a"}""", "exactly one")]
    [InlineData("""{"text": "a", "txet": "b"}""", "not valid")]
    [InlineData("nonsense", "not valid")]
    [InlineData("""{"file": "absent.png"}""", "absent.png")]
    public void Lines_WhenOneIsInvalid_NameItsNumber(string line, string expected)
    {
        var path = _folder.Write("lines.jsonl", "{\"text\": \"fine\"}\n" + line + "\n");

        var error = Assert.Throws<UsageException>(() => InputLines.Read(path));

        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("15m", 900)]
    [InlineData("2h", 7200)]
    [InlineData("1d", 86400)]
    public void Deadline_WhenTimeFromNow_IsThatMuchLater(string text, int seconds) =>
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(seconds), Parsing.Deadline(text, DateTimeOffset.UnixEpoch));

    [Fact]
    public void Deadline_WhenInstant_IsThatInstant() =>
        Assert.Equal(new DateTimeOffset(2027, 1, 31, 12, 0, 0, TimeSpan.Zero), Parsing.Deadline("2027-01-31T12:00:00Z", DateTimeOffset.UnixEpoch));

    private static string[] Names(InputKind? kind, string pattern) => [.. InputFiles.Resolve([pattern], kind).Select(i => i.Name)];
}
