namespace PiGrid.Tests;

/// <summary>Where the real models and pictures lie that tests use but the project does not carry.</summary>
internal static class TestData
{
    /// <summary>The checkout's root: the folder that holds PiGrid.sln.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The folder of the test data, or null where there is none.</summary>
    public static string? Folder { get; } = FindFolder();

    /// <summary>Why tests that need the data are skipped; null where it is there.</summary>
    public static string? SkipReason => Folder is not null ? null
        : "the test data is absent: PIGRID_TEST_DATA names its folder (../shared/data by default)";

    /// <summary>The path of a file of the test data, such as <c>models/mnist.onnx</c>.</summary>
    public static string File(string name) => Path.Combine(Folder ?? throw new InvalidOperationException(SkipReason), name);

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(at.FullName, "PiGrid.sln")))
            {
                return at.FullName;
            }
        }
        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds PiGrid.sln.");
    }

    private static string? FindFolder()
    {
        string named = Environment.GetEnvironmentVariable("PIGRID_TEST_DATA") is { Length: > 0 } given
            ? given
            : Path.Combine(RepositoryRoot, "..", "shared", "data");
        return System.IO.File.Exists(Path.Combine(named, "MANIFEST.md")) ? Path.GetFullPath(named) : null;
    }
}

/// <summary>A fact that needs the test data, skipped with the reason where it is absent.</summary>
public sealed class TestDataFactAttribute : FactAttribute
{
    public TestDataFactAttribute() => Skip = TestData.SkipReason;
}

/// <summary>A theory that needs the test data, skipped with the reason where it is absent.</summary>
public sealed class TestDataTheoryAttribute : TheoryAttribute
{
    public TestDataTheoryAttribute() => Skip = TestData.SkipReason;
}
