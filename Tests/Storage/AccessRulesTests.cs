using PiGrid.Grains.Access;

namespace PiGrid.Tests.Storage;

public sealed class AccessRulesTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(1);

    [Fact]
    public void Check_WhenTheCredentialIsOverOrRevoked_GivesNothing()
    {
        var info = Info("a");

        Assert.Equal(info, AccessRules.Check(info, Now));
        Assert.Null(AccessRules.Check(null, Now));
        Assert.Null(AccessRules.Check(info with { ExpiresAt = Now }, Now));
        Assert.NotNull(AccessRules.Check(info with { ExpiresAt = Now.AddTicks(1) }, Now));
        Assert.Null(AccessRules.Check(info with { RevokedAt = Now }, Now));
    }

    [Fact]
    public void Add_OfAKnownSecret_ChangesNothing_EvenWhenItWasRevoked()
    {
        var first = new Credential(Sha256.Of("secret"u8), Info("a"));
        var known = AccessRules.Revoke(AccessRules.Add([], first), first.Info.Id, Now);

        Assert.Same(known, AccessRules.Add(known, new Credential(first.Secret, Info("b"))));
        Assert.Equal(Now, known.Single().Info.RevokedAt);
        Assert.Same(known, AccessRules.Revoke(known, first.Info.Id, Now.AddDays(1)));
        Assert.Same(known, AccessRules.Revoke(known, NewId.Token(), Now));
    }

    [Fact]
    public void Rotate_OfAGoodCredential_EndsTheOldSecretsNoLaterThanTheyWould()
    {
        var (old, fresh) = (new Credential(Sha256.Of("old"u8), Info("a") with { ExpiresAt = Now.AddDays(2) }), Sha256.Of("new"u8));
        var known = AccessRules.Add([], old);

        var rotated = AccessRules.Rotate(known, old.Info.Id, fresh, Now.AddHours(1), Now);
        Assert.Equal([Now.AddHours(1), Now.AddDays(2)], rotated.Select(c => c.Info.ExpiresAt!.Value));
        Assert.Equal([old.Secret, fresh], rotated.Select(c => c.Secret));

        Assert.Equal(Now.AddDays(2), AccessRules.Rotate(known, old.Info.Id, fresh, Now.AddDays(9), Now)[0].Info.ExpiresAt);
        Assert.Same(rotated, AccessRules.Rotate(rotated, old.Info.Id, fresh, Now, Now));
        Assert.Same(known, AccessRules.Rotate(known, NewId.Token(), fresh, Now, Now));
        Assert.Same(known, AccessRules.Rotate(known, old.Info.Id, fresh, Now, Now.AddDays(2)));
        Assert.All(AccessRules.Revoke(rotated, old.Info.Id, Now), c => Assert.NotNull(c.Info.RevokedAt));
    }

    private static CredentialInfo Info(string name) => new()
    {
        Id = NewId.Token(),
        Kind = CredentialKind.Developer,
        Name = name,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
