using System.Text;

namespace PiGrid.Silo.Gateway;

/// <summary>Who answers for a node that enrols.</summary>
internal static class Owners
{
    /// <summary>The longest owner's name.</summary>
    public const int NameMax = 100;

    /// <summary>
    /// The owner: with a name, one for all nodes that enrol with the same token and name, so that nobody joins another's nodes by guessing a
    /// name; without, one of the node's own.
    /// </summary>
    public static OwnerId Of(TokenId token, string? name, NodeId node) => name is null
        ? From($"pigrid-owner-node/1\n{node}")
        : From($"pigrid-owner/1\n{token}\n{name}");

    /// <summary>Whether a name can be shown: 1 to 100 characters, none of them control characters.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= NameMax && !name.Any(char.IsControl) && !string.IsNullOrWhiteSpace(name);

    private static OwnerId From(string text) => OwnerId.FromBytes(Sha256.Of(Encoding.UTF8.GetBytes(text)).ToArray().AsSpan(0, 16));
}
