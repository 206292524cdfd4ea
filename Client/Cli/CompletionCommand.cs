using System.CommandLine;

namespace PiGrid.Client.Cli;

/// <summary><c>pigrid completion bash|zsh|pwsh</c>.</summary>
internal static class CompletionCommand
{
    // Each asks the program itself, by the directive [suggest:POSITION], with what stands behind the command's name up to the cursor. What comes back contains the word; the
    // shell leaves what begins with it.
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            _pigrid() {
                local text="${COMP_LINE:0:COMP_POINT}" IFS=$'\n'
                text="${text#*[[:space:]]}"
                COMPREPLY=($(compgen -W "$(pigrid "[suggest:${#text}]" "$text" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _pigrid pigrid
            """,
        ["zsh"] = """
            #compdef pigrid
            _pigrid() {
                local text="${(j: :)words[2,CURRENT]}"
                compadd -- ${(f)"$(pigrid "[suggest:${#text}]" "$text" 2>/dev/null)"} || _files
            }
            compdef _pigrid pigrid
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName pigrid -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                $length = $cursorPosition - $commandAst.Extent.StartOffset
                $text = $commandAst.ToString().PadRight($length).Substring(0, $length) -replace '^\S+\s', ''
                pigrid "[suggest:$($text.Length)]" $text 2>$null | Where-Object { $_ -like "$wordToComplete*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or pwsh." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command(
            "completion", "Writes a script that completes the command pigrid in a shell. For bash: source <(pigrid completion bash); for zsh the same; for pwsh: pigrid completion pwsh | Out-String | iex.")
        {
            shell,
        };
        command.OnItsOwn((parsed, terminal, _) =>
        {
            var script = Scripts[parsed.GetRequiredValue(shell)];
            terminal.Answer(new { script }, console => console.Profile.Out.Writer.WriteLine(script));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}
