namespace PiGrid.Tests.Build;

/// <summary>A folder for one test, gone after it.</summary>
internal sealed class Scratch : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pigrid-test-");

    public string Folder => _folder.FullName;

    public string this[params string[] parts] => Path.Combine([Folder, .. parts]);

    public void Dispose() => _folder.Delete(recursive: true);
}
