using System.Net.Http.Json;
using Microsoft.Extensions.Options;
using PiGrid.Api;
using PiGrid.Grains.Access;
using PiGrid.Silo.Startup;
using PiGrid.Tests.Storage;

namespace PiGrid.Tests.Silo;

/// <summary>What a silo remembers of keys that another silo keeps: here one of its own beside the silo's, which no change reaches.</summary>
public sealed class CheckedCredentialsTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private TestSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task Check_WhenTheKeyIsRevokedElsewhere_HoldsForTheAgeAndNoLonger()
    {
        var made = await _silo.CreateAsync(CredentialKind.Developer);
        var known = Known(TimeSpan.FromSeconds(10));
        Assert.Equal(made.Info.Id, (await known.CheckAsync(Secrets.DigestOf(made.Secret)))!.Id);

        using var revoked = await _silo.Http.DeleteAsync($"/api/tokens/{made.Info.Id}");
        revoked.EnsureSuccessStatusCode();
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.NotNull(await known.CheckAsync(Secrets.DigestOf(made.Secret)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await known.CheckAsync(Secrets.DigestOf(made.Secret)));
    }

    [Fact]
    public async Task Check_WhenTheAgeIsZeroOrAllIsForgotten_AsksAgain()
    {
        var made = await _silo.CreateAsync(CredentialKind.Developer);
        var (never, always) = (Known(TimeSpan.Zero), Known(TimeSpan.FromMinutes(1)));
        Assert.NotNull(await never.CheckAsync(Secrets.DigestOf(made.Secret)));
        Assert.NotNull(await always.CheckAsync(Secrets.DigestOf(made.Secret)));

        using var revoked = await _silo.Http.DeleteAsync($"/api/tokens/{made.Info.Id}");
        revoked.EnsureSuccessStatusCode();
        Assert.Null(await never.CheckAsync(Secrets.DigestOf(made.Secret)));
        always.Forget();
        Assert.Null(await always.CheckAsync(Secrets.DigestOf(made.Secret)));
    }

    [Fact]
    public async Task Check_WhenARememberedKeyRunsOut_IsNull()
    {
        var end = DateTimeOffset.UtcNow.AddHours(1);
        using var answer = await _silo.Http.PostAsJsonAsync("/api/tokens", new CreateTokenRequest { Kind = CredentialKind.Developer, Name = "short", ExpiresAt = end }, GridJson.Wire);
        var made = (await answer.Content.ReadFromJsonAsync<CreateTokenResponse>(GridJson.Wire))!;
        var known = Known(TimeSpan.FromMinutes(10));
        _time.Advance(end.AddMinutes(-1) - _time.GetUtcNow());
        Assert.NotNull(await known.CheckAsync(Secrets.DigestOf(made.Secret)));

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await known.CheckAsync(Secrets.DigestOf(made.Secret)));
    }

    private CheckedCredentials Known(TimeSpan age) => new(_silo.Grains, Options.Create(new AccessOptions { CheckAge = age }), _time);
}
