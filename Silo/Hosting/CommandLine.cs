namespace PiGrid.Silo.Hosting;

/// <summary>
/// The command line as settings: <c>--data</c>, <c>--urls</c>, <c>--postgres</c> and <c>--insecure</c> by their short names, every other setting as
/// <c>--Section:Name=value</c>. Values are never shown: one may be a password.
/// </summary>
internal static class CommandLine
{
    /// <summary>What <c>--help</c> prints.</summary>
    public const string Help = """
        Usage: PiGrid.Silo [--data DIR] [--urls URL[;URL]] [--postgres CONNECTION] [--insecure] [--Section:Name=VALUE]...
               PiGrid.Silo backup  [--data DIR] [--postgres CONNECTION] --to FILE
               PiGrid.Silo restore  --data DIR  [--postgres CONNECTION] --from FILE

          --data DIR       the data folder; made when it does not exist (pigrid-data)
          --urls URLS      the addresses to listen on; port 0 takes a free port (http://127.0.0.1:8470)
          --postgres CONN  keep the database on a PostgreSQL server: 'Host=HOST;Database=NAME;Username=NAME;Password=...'; better given as
                           PIGRID_Postgres__Connection, since other users of this machine can read command lines
          --insecure       allow plain HTTP on addresses that others can reach
          --exit-with-stdin  stop when standard input closes, so that a silo ends with the program that started it
          --Section:Name   any setting of appsettings.json, such as --Jobs:InputsMax=500; also as PIGRID_Section__Name in the environment

        backup writes all that a grid is into one file, while its silo runs; restore makes a new data folder of it. A backup of one kind of database
        can be restored into the other.

        docs/operations.md lists the settings and the exit codes.
        """;

    /// <summary>The settings that the arguments give, or what is wrong with each.</summary>
    public static (Dictionary<string, string?> Settings, List<string> Errors) Parse(IReadOnlyList<string> args)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var errors = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            var (name, value) = Split(args[i]);
            if (KeyOf(name) is not { } key)
            {
                errors.Add($"'{name}' is not an option: use --data, --urls, --postgres, --insecure or --Section:Name=VALUE (--help shows more).");
            }
            else if (value is null && name is "--insecure" or "--exit-with-stdin")
            {
                settings[key] = "true";
            }
            else if (value is null && i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
            {
                settings[key] = args[++i];
            }
            else if (value is null)
            {
                errors.Add($"'{name}' needs a value.");
            }
            else
            {
                settings[key] = value;
            }
        }

        return (settings, errors);
    }

    private static (string Name, string? Value) Split(string arg)
    {
        var equals = arg.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (arg, null) : (arg[..equals], arg[(equals + 1)..]);
    }

    private static string? KeyOf(string name) => name switch
    {
        "--data" => "Silo:Data",
        "--urls" => "Silo:Urls",
        "--postgres" => "Postgres:Connection",
        "--insecure" => "Silo:Insecure",
        "--exit-with-stdin" => "Silo:ExitWithStdin",
        _ when name.StartsWith("--", StringComparison.Ordinal) && name.IndexOf(':', StringComparison.Ordinal) > 2 => name[2..],
        _ => null,
    };
}
