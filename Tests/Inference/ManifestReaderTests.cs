using System.Text;
using PiGrid.Models;

namespace PiGrid.Tests.Inference;

/// <summary>Documents that are no manifest: what is wrong, and where in the text.</summary>
public class ManifestReaderTests
{
    private const string Small = """
        {
          "schema": "pigrid-manifest/1", "name": "n", "version": "1", "publisher": "p", "licence": "MIT", "category": "test",
          "preprocess": { "kind": "tensors" },
          "postprocess": { "kind": "tensors" },
          "comparator": { "kind": "exact" }
        }
        """;

    [Fact]
    public void Manifest_OfRequiredFieldsAlone_IsRead()
    {
        Assert.True(ManifestReader.TryParse(Encoding.UTF8.GetBytes("\uFEFF" + Small), out var manifest, out _));
        Assert.Equal("n@1", manifest.Ref.Value);
        Assert.Equal(60, manifest.Limits.SecondsPerInput);
    }

    [Theory]
    [InlineData("\"kind\": \"exact\"", "\"kind\": \"exact\", \"tolerance\": 1", "comparator.tolerance", "unknown_field", "line 5")]
    [InlineData("\"name\"", "\"title\": 1, \"name\"", "title", "unknown_field", "line 2")]
    [InlineData("\"exact\"", "\"roughly\"", "comparator.kind", "invalid_value", "line 5")]
    [InlineData("\"exact\"", "2", "comparator.kind", "invalid_value", "line 5")]
    [InlineData("\"name\": \"n\",", "", "", "missing", "'name'")]
    [InlineData("\"n\"", "null", "name", "invalid_value", "null")]
    [InlineData("\"n\"", "7", "name", "invalid_value", "line 2")]
    [InlineData("\"n\"", "\"n\", \"name\": \"m\"", "name", "invalid_value", "line 2")]
    [InlineData("\"comparator\"", "comparator", "", "malformed_json", "line 5")]
    public void Document_WhenNoManifest_SaysWhere(string old, string changed, string field, string code, string expected)
    {
        var text = Small.Replace(old, changed, StringComparison.Ordinal);
        Assert.NotEqual(Small, text);

        Assert.False(ManifestReader.TryParse(Encoding.UTF8.GetBytes(text), out _, out var errors));

        var error = Assert.Single(errors);
        Assert.Equal((field, code), (error.Field, error.Code));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("not json")]
    public void Bytes_WhenNoDocument_AreRefused(string text)
    {
        Assert.False(ManifestReader.TryParse(Encoding.UTF8.GetBytes(text), out var manifest, out var errors));
        Assert.Null(manifest);
        Assert.Single(errors);
    }

    [Fact]
    public void Examples_OfTheDocumentation_AreValid()
    {
        var text = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "docs", "manifest.md"));
        var examples = text.Split("```json")[1..].Select(part => part.Split("```")[0]).ToArray();

        Assert.Equal(2, examples.Length);
        Assert.All(examples, e => Assert.True(ManifestReader.TryParse(Encoding.UTF8.GetBytes(e), out _, out var errors), string.Join("; ", errors)));
    }

    [Fact]
    public void Documentation_NamesEveryField()
    {
        var text = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "docs", "manifest.md"));

        foreach (var type in new[]
        {
            typeof(ModelManifest), typeof(ManifestFile), typeof(TensorSpec), typeof(Preprocessing), typeof(ImageSteps), typeof(TokenizerSpec),
            typeof(Postprocessing), typeof(DetectionDecoder), typeof(GenerationSteps), typeof(PiGrid.Verification.Comparator), typeof(ManifestLimits),
        })
        {
            Assert.All(
                GridJson.Document.GetTypeInfo(type).Properties.Where(p => p.Get is not null),
                p => Assert.Contains($"`{p.Name}`", text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Document_WhenTooLong_IsRefusedUnread()
    {
        Assert.False(ManifestReader.TryParse(new byte[ManifestReader.BytesMax + 1], out _, out var errors));
        Assert.Equal("too_large", Assert.Single(errors).Code);
        Assert.True(ManifestReader.TryParse(Encoding.UTF8.GetBytes(Small.PadRight(ManifestReader.BytesMax)), out _, out _));
    }
}
