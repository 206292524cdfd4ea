using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace PiGrid.Silo.Startup;

/// <summary>Secrets of credentials: 256 random bits behind a prefix by which people and leak scanners recognise them.</summary>
internal static class Secrets
{
    /// <summary>The longest secret that is looked at.</summary>
    public const int LengthMax = 200;

    /// <summary>A new secret.</summary>
    public static string New(CredentialKind kind) => PrefixOf(kind) + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>By which the grid knows it. A plain digest is enough: 256 random bits cannot be searched.</summary>
    public static Sha256 DigestOf(string secret) => Sha256.Of(Encoding.UTF8.GetBytes(secret));

    private static string PrefixOf(CredentialKind kind) => kind switch
    {
        CredentialKind.Operator => "pigrid_op_",
        CredentialKind.Developer => "pigrid_dev_",
        CredentialKind.Enrolment => "pigrid_enrol_",
        CredentialKind.OperatorNode => "pigrid_opnode_",
    };
}
