using System.ComponentModel.DataAnnotations;

namespace PiGrid.Silo.Hosting;

/// <summary>Where the silo lives and listens; configuration section <c>Silo</c>.</summary>
public sealed class SiloOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Silo";

    /// <summary>The data folder (<c>--data</c>); made when it does not exist.</summary>
    [Required]
    public string Data { get; set; } = "pigrid-data";

    /// <summary>
    /// The folder of what all silos of one grid share: the grid's private key and the bootstrap file. The data folder when empty. The first silo makes
    /// them; a folder that several machines see, or a copy on each, serves the others.
    /// </summary>
    public string Shared { get; set; } = "";

    /// <summary>The addresses to listen on (<c>--urls</c>), separated by semicolons. Port 0 takes a free port.</summary>
    [Required]
    public string Urls { get; set; } = "http://127.0.0.1:8470";

    /// <summary>Allows plain HTTP on addresses that others can reach (<c>--insecure</c>), as behind a proxy that ends TLS.</summary>
    public bool Insecure { get; set; }

    /// <summary>
    /// Stops when standard input closes (<c>--exit-with-stdin</c>): a program that started the silo with a pipe takes it along, even when it is
    /// killed.
    /// </summary>
    public bool ExitWithStdin { get; set; }

    /// <summary>Whether a new data folder gets a reusable enrolment token; turning it off revokes the one that an older start made.</summary>
    public bool EnrolmentToken { get; set; } = true;

    /// <summary>The time that a stop may take: closing sessions, answering what was asked, writing what waits.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Jobs and models that are resumed at once after a start.</summary>
    [Range(1, 1024)]
    public int ResumesMax { get; set; } = 32;

    /// <summary>How long a call to a grain may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The port on which silos talk to each other (engine Orleans only); loopback.</summary>
    [Range(1, 65535)]
    public int SiloPort { get; set; } = 11111;

    /// <summary>The port for programs that call grains (engine Orleans only); loopback.</summary>
    [Range(1, 65535)]
    public int GatewayPort { get; set; } = 30000;
}
