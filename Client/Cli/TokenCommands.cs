using System.CommandLine;
using PiGrid.Api;
using Spectre.Console;

namespace PiGrid.Client.Cli;

/// <summary><c>pigrid token create|list|revoke</c>.</summary>
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
        var name = new Option<string>("--name") { Description = "A name for people; at most 100 characters.", Required = true };
        var expires = new Option<string?>("--expires") { Description = "When it ends: an instant, or a time from now such as 30d. Never when absent." };
        var command = new Command("create", "Makes an API key or enrolment token; its secret is shown this once.") { kind, name, expires };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var made = await grid.CreateTokenAsync(
                new CreateTokenRequest
                {
                    Kind = parsed.GetValue(kind),
                    Name = parsed.GetRequiredValue(name),
                    ExpiresAt = parsed.GetValue(expires) is { } end ? Parsing.Deadline(end, TimeProvider.System.GetUtcNow()) : null,
                },
                stop);
            terminal.Answer(made, console =>
            {
                terminal.Say($"{made.Info.Id}: the secret below is shown this once.");
                console.WriteLine(made.Secret);
            });
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
            terminal.Answer(new { tokens }, console =>
            {
                var table = Tables.Create("token", "kind", "name", "created", "expires", "revoked");
                foreach (var t in tokens)
                {
                    table.Row(t.Id.Value, Tables.Word(t.Kind), t.Name, Tables.At(t.CreatedAt), Tables.At(t.ExpiresAt), Tables.At(t.RevokedAt));
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
}
