using System.ComponentModel.DataAnnotations;

namespace PiGrid.Grains.Access;

/// <summary>How keys are checked; configuration section <c>Access</c>.</summary>
public sealed class AccessOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Access";

    /// <summary>
    /// How long an API key that was found good is taken for good without asking again. A revocation holds at once on the silo that keeps the keys, and on
    /// others that much later at most; zero asks for each request.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan CheckAge { get; set; } = TimeSpan.FromSeconds(1);
}
