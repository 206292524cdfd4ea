using System.Diagnostics;

namespace PiGrid.Tests.Client;

/// <summary>The completion script in a real bash, and what the program suggests to it.</summary>
public sealed class CompletionTests
{
    [BashTheory]
    [InlineData("pigrid mod", "model")]
    [InlineData("pigrid job st", "status")]
    [InlineData("pigrid job list --format ", "json ndjson table")]
    [InlineData("pigrid job list --form", "--format")]
    [InlineData("pigrid token create --kind op", "operator operator_node")]
    [InlineData("pigrid job submit --priority h", "high")]
    [InlineData("pigrid job nothing", "")]
    public async Task Bash_WhenALineIsBegun_OffersWhatFits(string line, string expected)
    {
        var script = await ClientProgram.RunAsync(["completion", "bash"]);
        Assert.Equal((0, ""), (script.ExitCode, script.Errors));

        var offered = await BashAsync($$"""
            pigrid() { dotnet exec "$PROGRAM" "$@"; }
            {{script.Output}}
            complete -p pigrid > /dev/null || exit 1
            COMP_LINE="$LINE" COMP_POINT=${#LINE}
            read -ra COMP_WORDS <<< "$LINE"
            [[ $LINE == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _pigrid pigrid
            echo "${COMPREPLY[*]}"
            """, line);

        Assert.Equal(expected, offered.Trim());
    }

    [Theory]
    [InlineData("zsh", "compdef _pigrid pigrid")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task Script_OfOtherShells_AsksTheProgram(string shell, string expected)
    {
        var script = await ClientProgram.RunAsync(["completion", shell]);

        Assert.Equal(0, script.ExitCode);
        Assert.Contains(expected, script.Output, StringComparison.Ordinal);
        Assert.Contains("[suggest:", script.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Script_OfAnUnknownShell_IsAUsageError() => Assert.Equal(2, (await ClientProgram.RunAsync(["completion", "fish"])).ExitCode);

    private static async Task<string> BashAsync(string script, string line)
    {
        var start = new ProcessStartInfo(BashTheoryAttribute.Program, ["--norc", "-s"]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["PROGRAM"] = Path.Combine(ClientProgram.OutputOf("Client"), "PiGrid.Client.dll");
        start.Environment["LINE"] = line;
        using var bash = Process.Start(start)!;
        await bash.StandardInput.WriteAsync(script);
        bash.StandardInput.Close();
        var output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.Equal(0, bash.ExitCode);
        return output;
    }

    /// <summary>Skipped where there is no bash.</summary>
    private sealed class BashTheoryAttribute : TheoryAttribute
    {
        public const string Program = "/bin/bash";

        public BashTheoryAttribute() => Skip = File.Exists(Program) ? null : $"There is no {Program}.";
    }
}
