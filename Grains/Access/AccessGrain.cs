using Orleans;
using Orleans.Runtime;
using PiGrid.Grains.Storage;

namespace PiGrid.Grains.Access;

/// <summary>Keeps the credentials. Checks are answered from memory, by digest.</summary>
public sealed class AccessGrain(
    [PersistentState("access", GridStorage.Name)] IPersistentState<AccessState> state,
    CheckedCredentials checkedLately,
    TimeProvider time) : Grain, IAccessGrain
{
    private Dictionary<Sha256, CredentialInfo> _bySecret = [];

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _bySecret = state.State.Credentials.ToDictionary(c => c.Secret, c => c.Info);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Add(CredentialInfo info, Sha256 secret) => Keep(AccessRules.Add(state.State.Credentials, new Credential(secret, info)));

    /// <inheritdoc/>
    public Task<CredentialInfo?> Check(Sha256 secret) =>
        Task.FromResult(AccessRules.Check(_bySecret.GetValueOrDefault(secret), time.GetUtcNow()));

    /// <inheritdoc/>
    public async Task<bool> Rotate(TokenId id, Sha256 secret, DateTimeOffset until)
    {
        await Keep(AccessRules.Rotate(state.State.Credentials, id, secret, until, time.GetUtcNow()));
        return _bySecret.TryGetValue(secret, out var rotated) && rotated.Id == id;
    }

    /// <inheritdoc/>
    public async Task<bool> Revoke(TokenId id)
    {
        await Keep(AccessRules.Revoke(state.State.Credentials, id, time.GetUtcNow()));
        return state.State.Credentials.Exists(c => c.Info.Id == id);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<CredentialInfo>> List() =>
        Task.FromResult<IReadOnlyList<CredentialInfo>>(state.State.Credentials.Select(c => c.Info).Reverse().DistinctBy(info => info.Id).ToArray());

    private async Task Keep(IReadOnlyList<Credential> credentials)
    {
        if (ReferenceEquals(credentials, state.State.Credentials))
        {
            return;
        }

        var before = state.State;
        state.State = new AccessState { Credentials = [.. credentials] };
        try
        {
            await state.WriteOrStartOverAsync(this);
        }
        catch
        {
            state.State = before;
            throw;
        }

        _bySecret = state.State.Credentials.ToDictionary(c => c.Secret, c => c.Info);
        checkedLately.Forget();
    }
}
