using System.Security.Cryptography;

namespace PiGrid.Tests.Abstractions;

public sealed class SignatureTests : IDisposable
{
    private static readonly byte[] Data = "a result"u8.ToArray();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void Signature_OfTheData_IsValid()
    {
        var signature = Signatures.Sign(_key, Data);
        Assert.Equal(Signatures.Length, signature.Length);
        Assert.True(Signatures.Verify(PublicKey, Data, signature));
    }

    [Fact]
    public void Signature_WhenAnyBitIsChanged_IsNotValid()
    {
        var signature = Signatures.Sign(_key, Data);
        for (var bit = 0; bit < signature.Length * 8; bit += 37)
        {
            var changed = signature.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Signatures.Verify(PublicKey, Data, changed));
        }

        Assert.False(Signatures.Verify(PublicKey, "another result"u8, signature));
    }

    [Fact]
    public void Signature_OfAnotherKey_IsNotValid()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.False(Signatures.Verify(other.ExportSubjectPublicKeyInfo(), Data, Signatures.Sign(_key, Data)));
    }

    [Fact]
    public void Signature_WhenAnythingIsMalformed_IsSimplyNotValid()
    {
        var signature = Signatures.Sign(_key, Data);
        Assert.False(Signatures.Verify([], Data, signature));
        Assert.False(Signatures.Verify([1, 2, 3], Data, signature));
        Assert.False(Signatures.Verify(new byte[1 << 20], Data, signature));
        Assert.False(Signatures.Verify(PublicKey, Data, []));
        Assert.False(Signatures.Verify(PublicKey, Data, new byte[64]));
        Assert.False(Signatures.Verify(PublicKey, Data, _key.SignData(Data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
    }

    [Fact]
    public void Signature_OnAnotherCurve_IsNotValid()
    {
        using var large = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.False(Signatures.Verify(large.ExportSubjectPublicKeyInfo(), Data, Signatures.Sign(large, Data)));
    }

    [Fact]
    public void NodeId_OfAKey_IsItsDigest()
    {
        var id = Signatures.NodeIdOf(PublicKey);
        Assert.Equal(NodeId.FromBytes(SHA256.HashData(PublicKey).AsSpan(0, 16)), id);
    }

    private byte[] PublicKey => _key.ExportSubjectPublicKeyInfo();
}
