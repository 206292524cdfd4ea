using System.ComponentModel.DataAnnotations;
using Npgsql;

namespace PiGrid.Grains.Storage.Postgres;

/// <summary>The grid's database when it is a PostgreSQL server; configuration section <c>Postgres</c>.</summary>
public sealed class PostgresOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Postgres";

    /// <summary>
    /// Where the server is (<c>--postgres</c>), such as <c>Host=db.example;Database=pigrid;Username=pigrid;Password=...</c>; empty: the grid's
    /// database is SQLite in the data folder. Never shown in logs or errors.
    /// </summary>
    public string Connection { get; set; } = "";

    /// <summary>The schema that holds the grid's tables; made when it does not exist.</summary>
    [RegularExpression("[a-z_][a-z0-9_]{0,50}", ErrorMessage = "A schema's name is lower case letters, digits and '_', at most 51 of them.")]
    public string Schema { get; set; } = "pigrid";

    /// <summary>How long connecting may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one statement may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a read or write waits for a server that went away before it fails: a restart or a failover within it is not noticed by anybody. Writes that
    /// were under way fail with it and their grains start over.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan OutageWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the server keeps a transaction of this silo open that has gone silent in the middle, and with it the rows that it holds: so a silo that lies
    /// still does not hold up the others.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:10:00")]
    public TimeSpan SilentTransactionMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the server is asked whether it is there.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan ProbePeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The most connections of this silo.</summary>
    [Range(3, 1000)]
    public int ConnectionsMax { get; set; } = 20;

    /// <summary>The most bytes of blobs that are kept on this silo's disk so that they need not be fetched again.</summary>
    [Range(0, 1L << 44)]
    public long CacheBytesMax { get; set; } = 10L << 30;

    /// <summary>Whether the grid's database is a PostgreSQL server.</summary>
    public bool IsChosen => Connection.Length > 0;

    /// <summary>
    /// For whoever keeps the cluster's membership in the same schema over a few connections of its own: the connection string, password included.
    /// </summary>
    /// <exception cref="InvalidOperationException">The options were not validated.</exception>
    public string MembershipConnection
    {
        get
        {
            var builder = ToConnectionString();
            (builder.MaxPoolSize, builder.Timezone) = (4, "UTC");
            return builder.ToString();
        }
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IsChosen && TryParse() is not { Host.Length: > 0 })
        {
            // Neither the text nor what the parser says of it: both can hold the password.
            yield return new ValidationResult(
                "It is no connection string that names a host: write 'Host=HOST;Port=5432;Database=NAME;Username=NAME;Password=...' (values with ';' in double quotes).",
                [nameof(Connection)]);
        }
    }

    /// <summary>The connection string with the limits of these options.</summary>
    internal NpgsqlConnectionStringBuilder ToConnectionString()
    {
        var builder = TryParse() ?? throw new InvalidOperationException("The options were not validated.");
        builder.SearchPath = Schema;
        builder.ApplicationName ??= "pigrid-silo";
        builder.Timeout = (int)Math.Ceiling(ConnectTimeout.TotalSeconds);
        builder.CommandTimeout = (int)Math.Ceiling(CommandTimeout.TotalSeconds);
        builder.MaxPoolSize = ConnectionsMax;
        builder.MinPoolSize = 0;
        builder.Options = $"{builder.Options} -c idle_in_transaction_session_timeout={(int)SilentTransactionMax.TotalMilliseconds}".TrimStart();
        builder.MaxAutoPrepare = 64;
        builder.AutoPrepareMinUsages = 2;
        builder.PersistSecurityInfo = false;
        builder.IncludeErrorDetail = false;
        return builder;
    }

    private NpgsqlConnectionStringBuilder? TryParse()
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(Connection);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or NotSupportedException)
        {
            return null;
        }
    }
}
