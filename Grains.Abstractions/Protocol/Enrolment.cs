namespace PiGrid.Protocol;

/// <summary>Body of <c>POST /node/enrol</c>.</summary>
public sealed record EnrolRequest
{
    /// <summary>The enrolment token.</summary>
    public required string Token { get; init; }

    /// <summary>The node's public key (DER SubjectPublicKeyInfo of a P-256 key).</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>The owner's name; nodes enrolled with the same token and name belong to one owner. Without it the node is an owner of its own.</summary>
    public string? Owner { get; init; }

    /// <summary>The key's signature over the UTF-8 bytes of <c>pigrid-enrol/1</c>, a line feed and the token: proves that the sender holds the key.</summary>
    public required byte[] Signature { get; init; }
}

/// <summary>Answer to an enrolment.</summary>
public sealed record EnrolResponse
{
    /// <summary>The node's id, made from its key.</summary>
    public required NodeId Node { get; init; }

    /// <summary>Who answers for it.</summary>
    public required OwnerId Owner { get; init; }

    /// <summary>The grid's public key: the node keeps it and refuses any other grid at this address.</summary>
    public required byte[] GridKey { get; init; }

    /// <summary>Whether it is an operator node.</summary>
    public required bool Operator { get; init; }
}

/// <summary>Names and numbers of the node protocol.</summary>
public static class NodeProtocol
{
    /// <summary>The version that this release speaks.</summary>
    public const int Version = 1;

    /// <summary>The largest frame either side sends, in bytes.</summary>
    public const int FrameBytesMax = 1 << 20;

    /// <summary>The most blobs that follow one assignment as binary messages.</summary>
    public const int AttachedMax = 64;

    /// <summary>What a node signs to enrol.</summary>
    public static byte[] EnrolBytes(string token) => System.Text.Encoding.UTF8.GetBytes("pigrid-enrol/1\n" + token);
}
