namespace PiGrid.Tests.Docs;

/// <summary>Every limit is an option, and every option is documented.</summary>
public class SettingsReferenceTests
{
    [Fact]
    public void SettingsPage_WhenRead_IsWhatTheOptionsSay()
    {
        var file = Path.Combine(TestData.RepositoryRoot, "docs", "settings.md");
        var page = SettingsReference.Write();
        if (Environment.GetEnvironmentVariable("PIGRID_WRITE_DOCS") == "1")
        {
            File.WriteAllText(file, page);
        }

        Assert.Equal(page, File.Exists(file) ? File.ReadAllText(file) : "");
    }
}
