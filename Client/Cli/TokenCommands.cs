using System.CommandLine;
using PiGrid.Api;
using Spectre.Console;

namespace PiGrid.Client.Cli;

/// <summary><c>pigrid token create|list|rotate|revoke</c>.</summary>
internal static class TokenCommands
{
    /// <summary>Makes a credential and shows its secret once.</summary>
    public static Command Create()
    {
        var kind = new Option<CredentialKind>("--kind")
        {
            Description = "What it is for: operator, developer, enrolment or operator_node.",
            Required = true,
            CustomParser = result =>
            {
                var word = result.Tokens.Single().Value;
                foreach (var candidate in Enum.GetValues<CredentialKind>())
                {
                    if (Tables.Word(candidate) == word)
                    {
                        return candidate;
                    }
                }

                result.AddError($"--kind '{word}' is none of operator, developer, enrolment, operator_node.");
                return default;
            },
        };
        kind.OfferingWordsOf<CredentialKind, CredentialKind>();
        var name = new Option<string>("--name") { Description = "A name for people; at most 100 characters.", Required = true };
        var expires = new Option<string?>("--expires") { Description = "When it ends: an instant, or a time from now such as 30d. Never when absent." };
        var scopes = new Option<KeyScope[]>("--scope")
        {
            Description = "What a developer's key may do: infer, submit, publish or operate; may be given more than once. Everything but operate when absent.",
            CustomParser = ParseScopes,
        };
        scopes.OfferingWordsOf<KeyScope[], KeyScope>();
        var rate = new Option<double?>("--rate") { Description = "Requests a second that a key may make, on average. The silo's own limit when absent." };
        var open = new Option<int?>("--concurrent") { Description = "Requests that a key may have open at once. The silo's own limit when absent." };
        var command = new Command("create", "Makes an API key or enrolment token; its secret is shown this once.") { kind, name, expires, scopes, rate, open };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var made = await grid.CreateTokenAsync(
                new CreateTokenRequest
                {
                    Kind = parsed.GetValue(kind),
                    Name = parsed.GetRequiredValue(name),
                    ExpiresAt = parsed.GetValue(expires) is { } end ? Parsing.Deadline(end, TimeProvider.System.GetUtcNow()) : null,
                    Scopes = parsed.GetValue(scopes) ?? [],
                    RequestsPerSecond = parsed.GetValue(rate),
                    ConcurrentRequests = parsed.GetValue(open),
                },
                stop);
            Show(made, terminal);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Gives a credential a new secret.</summary>
    public static Command Rotate()
    {
        var token = Parsing.Id<TokenId>("TOKEN", "The credential's id, not its secret.");
        var grace = new Option<TimeSpan>("--grace")
        {
            Description = "How long the old secret is still good, as hh:mm:ss; one hour when absent.",
            DefaultValueFactory = _ => TimeSpan.FromHours(1),
        };
        var command = new Command("rotate", "Gives an API key or token a new secret, shown this once; the old one is good for a while.") { token, grace };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            Show(await grid.RotateTokenAsync(parsed.GetValue(token), parsed.GetValue(grace), stop), terminal);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Lists all credentials.</summary>
    public static Command List()
    {
        var command = new Command("list", "Lists API keys and enrolment tokens, newest first, without secrets.");
        command.OnGrid(async (_, grid, terminal, stop) =>
        {
            var tokens = await grid.ListTokensAsync(stop).ToListAsync(stop);
            terminal.List("tokens", tokens, console =>
            {
                var table = Tables.Create("token", "kind", "scopes", "name", "created", "expires", "revoked");
                foreach (var t in tokens)
                {
                    table.Row(t.Id.Value, Tables.Word(t.Kind), string.Join(' ', t.Scopes.Select(Tables.Word)), t.Name, Tables.At(t.CreatedAt), Tables.At(t.ExpiresAt), Tables.At(t.RevokedAt));
                }

                console.Write(table);
            });
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Revokes a credential.</summary>
    public static Command Revoke()
    {
        var token = Parsing.Id<TokenId>("TOKEN", "The credential's id, not its secret.");
        var command = new Command("revoke", "Revokes an API key or enrolment token.") { token };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var id = parsed.GetValue(token);
            await grid.RevokeTokenAsync(id, stop);
            terminal.Answer(new { revoked = id }, console => console.WriteLine($"{id} is revoked."));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Show(CreateTokenResponse made, Terminal terminal) => terminal.Answer(made, console =>
    {
        terminal.Say($"{made.Info.Id}: the secret below is shown this once.");
        console.WriteLine(made.Secret);
    });

    private static KeyScope[] ParseScopes(System.CommandLine.Parsing.ArgumentResult result)
    {
        var scopes = new List<KeyScope>();
        foreach (var word in result.Tokens.Select(t => t.Value))
        {
            var found = Enum.GetValues<KeyScope>().Where(scope => Tables.Word(scope) == word).ToArray();
            if (found.Length == 0)
            {
                result.AddError($"--scope '{word}' is none of infer, submit, publish, operate.");
                return [];
            }

            scopes.Add(found[0]);
        }

        return [.. scopes];
    }
}
