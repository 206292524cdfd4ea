using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Postgres;
using PiGrid.Silo.Hosting;

namespace PiGrid.Silo.Maintenance;

/// <summary>What a maintenance command works on: the same settings as the silo's, from the same places, and the file.</summary>
/// <param name="Silo">Where the data folder is.</param>
/// <param name="Storage">How its database is kept.</param>
/// <param name="Blobs">The limits of blobs.</param>
/// <param name="Postgres">The server, when there is one.</param>
/// <param name="File">The backup's path.</param>
internal sealed record MaintenanceSettings(SiloOptions Silo, StorageOptions Storage, BlobOptions Blobs, PostgresOptions Postgres, string File)
{
    /// <summary>Reads the settings.</summary>
    /// <param name="args">The command line behind the command's name.</param>
    /// <param name="fileOption">The option that names the file.</param>
    /// <exception cref="StartFailedException">They are invalid; all errors at once.</exception>
    public static MaintenanceSettings Read(IReadOnlyList<string> args, string fileOption)
    {
        var (file, rest) = Take(args, fileOption);
        var (given, errors) = CommandLine.Parse(rest);
        using var configuration = new ConfigurationManager();
        configuration.AddSiloSettings(given);
        var settings = new Settings(configuration, new ServiceCollection());
        errors.ForEach(settings.Refuse);
        var read = new MaintenanceSettings(
            settings.Bind<SiloOptions>(SiloOptions.Section),
            settings.Bind<StorageOptions>(StorageOptions.Section),
            settings.Bind<BlobOptions>(BlobOptions.Section),
            settings.Bind<PostgresOptions>(PostgresOptions.Section),
            file ?? "");
        if (string.IsNullOrWhiteSpace(file))
        {
            settings.Refuse($"'{fileOption} FILE' is missing.");
        }

        settings.RefuseUnknownSections(given.Keys);
        return settings.Errors.Count == 0 ? read with { File = Path.GetFullPath(read.File) } : throw new StartFailedException(ExitCode.InvalidSettings, settings.Errors);
    }

    private static (string? File, List<string> Others) Take(IReadOnlyList<string> args, string option)
    {
        string? file = null;
        var rest = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] == option && i + 1 < args.Count)
            {
                file = args[++i];
            }
            else if (args[i].StartsWith(option + "=", StringComparison.Ordinal))
            {
                file = args[i][(option.Length + 1)..];
            }
            else
            {
                rest.Add(args[i]);
            }
        }

        return (file, rest);
    }
}
