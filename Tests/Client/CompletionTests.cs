using System.Diagnostics;
using PiGrid.Tests.NodeAgent;

namespace PiGrid.Tests.Client;

/// <summary>The completion scripts in a real bash and a real zsh, and what the program suggests to them.</summary>
public sealed class CompletionTests
{
    public static TheoryData<string, string> Lines => new()
    {
        { "pigrid mod", "model" },
        { "pigrid job st", "status" },
        { "pigrid job list --format ", "json ndjson table" },
        { "pigrid job list --form", "--format" },
        { "pigrid token create --kind op", "operator operator_node" },
        { "pigrid job submit --priority h", "high" },
        { "pigrid job nothing", "" },
    };

    [ShellTheory("/bin/bash")]
    [MemberData(nameof(Lines))]
    public async Task Bash_WhenALineIsBegun_OffersWhatFits(string line, string expected)
    {
        var script = await ClientProgram.RunAsync(["completion", "bash"]);
        Assert.Equal((0, ""), (script.ExitCode, script.Errors));

        var offered = await RunAsync("/bin/bash", ["--norc", "-s"], $$"""
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

    /// <summary>An interactive zsh at a terminal of its own, in which Tab is pressed.</summary>
    [ShellTheory("/usr/bin/zsh")]
    [MemberData(nameof(Lines))]
    public async Task Zsh_WhenALineIsBegun_OffersWhatFits(string line, string expected)
    {
        var script = await ClientProgram.RunAsync(["completion", "zsh"]);
        Assert.Equal((0, ""), (script.ExitCode, script.Errors));
        var folder = Directory.CreateTempSubdirectory("pigrid-zsh-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "script"), script.Output);

            // What the shell has of the script's words for the one at the cursor goes to a pipe, the first time that it is asked.
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "setup"), """
                autoload -Uz compinit && compinit -u -D
                pigrid() { dotnet exec "$PROGRAM" "$@" }
                source $FOLDER/script
                compadd() { builtin compadd -O hits "$@"; unfunction compadd; print -r -- $hits > $FOLDER/hits; builtin compadd "$@" }

                """);

            var offered = await RunAsync("/usr/bin/zsh", ["-f", "-s"], """
                mkfifo $FOLDER/hits
                zmodload zsh/zpty
                zpty shell "TERM=dumb zsh -f -i"
                zpty -w shell "source $FOLDER/setup"
                zpty -w -n shell "$LINE"$'\t'
                cat $FOLDER/hits
                zpty -d shell

                """, line, folder.FullName);

            Assert.Equal(expected, offered.Trim());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Script_OfPowerShell_AsksTheProgram()
    {
        var script = await ClientProgram.RunAsync(["completion", "pwsh"]);

        Assert.Equal(0, script.ExitCode);
        Assert.Contains("Register-ArgumentCompleter", script.Output, StringComparison.Ordinal);
        Assert.Contains("[suggest:", script.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Script_OfAnUnknownShell_IsAUsageError() => Assert.Equal(2, (await ClientProgram.RunAsync(["completion", "fish"])).ExitCode);

    private static async Task<string> RunAsync(string program, string[] arguments, string script, string line, string folder = "")
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["PROGRAM"] = Path.Combine(ClientProgram.OutputOf("Client"), "PiGrid.Client.dll");
        start.Environment["LINE"] = line;
        start.Environment["FOLDER"] = folder;
        using var shell = Process.Start(start)!;
        try
        {
            await shell.StandardInput.WriteAsync(script);
            shell.StandardInput.Close();
            var output = await shell.StandardOutput.ReadToEndAsync().WaitAsync(Patience.Limit);
            await shell.WaitForExitAsync().WaitAsync(Patience.Limit);
            Assert.Equal(0, shell.ExitCode);
            return output;
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Skipped where there is no such shell.</summary>
    private sealed class ShellTheoryAttribute : TheoryAttribute
    {
        public ShellTheoryAttribute(string program) => Skip = File.Exists(program) ? null : $"There is no {program}.";
    }
}
