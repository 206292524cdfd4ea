using PiGrid.Grains.Storage;

namespace PiGrid.Tests.Storage;

public sealed class SecretFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pigrid-secret-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WriteNew_BySeveralAtOnce_IsWrittenByOne()
    {
        const int Writers = 4;
        for (var round = 0; round < 200; round++)
        {
            var file = Path.Combine(_folder, $"{round}.key");
            using var start = new Barrier(Writers);
            var wrote = new bool[Writers];
            var threads = Enumerable.Range(0, Writers).Select(i => new Thread(() =>
            {
                start.SignalAndWait();
                wrote[i] = SecretFile.WriteNew(file, $"{i}");
            })).ToList();
            threads.ForEach(t => t.Start());
            threads.ForEach(t => t.Join());

            var winner = Assert.Single(Enumerable.Range(0, Writers), i => wrote[i]);
            Assert.Equal($"{winner}", File.ReadAllText(file));
            File.Delete(file);
        }

        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void WriteNew_WhenThereIsOne_LeavesIt()
    {
        var file = Path.Combine(_folder, "grid.key");
        SecretFile.Write(file, "first");

        Assert.False(SecretFile.WriteNew(file, "second"));
        Assert.Equal("first", File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Write_OnUnix_IsForItsOwnerAlone()
    {
        var file = Path.Combine(_folder, "grid.key");

        Assert.True(SecretFile.WriteNew(file, "first"));

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }
}
