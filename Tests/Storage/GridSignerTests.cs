using PiGrid.Grains.Security;

namespace PiGrid.Tests.Storage;

public sealed class GridSignerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pigrid-key-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Open_Again_IsTheSameGrid()
    {
        byte[] key, mac, signature;
        using (var first = GridSigner.Open(Path.Combine(_folder, "grid.key")))
        {
            (key, mac, signature) = (first.PublicKey, first.Mac("x"u8), first.Sign("x"u8));
        }

        using var second = GridSigner.Open(Path.Combine(_folder, "grid.key"));

        Assert.Equal(key, second.PublicKey);
        Assert.Equal(mac, second.Mac("x"u8));
        Assert.True(second.Verify("x"u8, signature));
        Assert.True(Signatures.Verify(key, "x"u8, signature));
        Assert.False(second.Verify("y"u8, signature));
        Assert.False(second.Verify("x"u8, []));
    }

    [Fact]
    public void Open_BySeveralAtOnce_IsOneGrid()
    {
        var file = Path.Combine(_folder, "grid.key");
        var keys = new byte[8][];

        Parallel.For(0, keys.Length, new ParallelOptions { MaxDegreeOfParallelism = keys.Length }, i =>
        {
            using var signer = GridSigner.Open(file);
            keys[i] = signer.PublicKey;
        });

        Assert.All(keys, key => Assert.Equal(keys[0], key));
        Assert.Equal([file], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Sign_FromManyThreads_IsAlwaysValid()
    {
        using var signer = GridSigner.Open(Path.Combine(_folder, "grid.key"));

        Parallel.For(0, 500, i =>
        {
            var data = BitConverter.GetBytes(i);
            Assert.True(signer.Verify(data, signer.Sign(data)));
        });
    }
}
