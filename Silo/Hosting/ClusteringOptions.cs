using System.ComponentModel.DataAnnotations;
using System.Net;

namespace PiGrid.Silo.Hosting;

/// <summary>
/// Several silos as one grid, with the engine Orleans and PostgreSQL; configuration section <c>Cluster</c>. Silos find each other through the database, and
/// watch each other by probes.
/// </summary>
public sealed class ClusteringOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Cluster";

    /// <summary>The cluster's name: silos with one database and one name are one grid.</summary>
    [RegularExpression("[a-z0-9][a-z0-9-]{0,62}", ErrorMessage = "A cluster's name is lower case letters, digits and '-', at most 63 of them.")]
    public string Name { get; set; } = "pigrid";

    /// <summary>
    /// The host name or address at which the other silos and the programs that call grains reach this silo, on Silo:SiloPort and Silo:GatewayPort. Whoever
    /// reaches these ports is trusted with everything: they belong into a private network.
    /// </summary>
    [Required]
    public string Advertise { get; set; } = "127.0.0.1";

    /// <summary>How long a silo may take to answer a probe of another.</summary>
    [Range(typeof(TimeSpan), "00:00:00.200", "00:01:00")]
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Probes in a row that a silo may miss before it is declared dead, and its work goes on elsewhere.</summary>
    [Range(1, 20)]
    public int MissedProbesMax { get; set; } = 3;

    /// <summary>How often each silo reads the list of silos; it hears of most changes sooner from the others.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan TableRefresh { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often each silo writes that it is alive.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan AlivePeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a call to a grain may take, instead of Silo:CallTimeout: one to a silo that has just died hangs for that long.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IPAddress.TryParse(Advertise, out _) && Uri.CheckHostName(Advertise) != UriHostNameType.Dns)
        {
            yield return new ValidationResult($"'{Advertise}' is neither an address nor a host name.", [nameof(Advertise)]);
        }
    }
}
