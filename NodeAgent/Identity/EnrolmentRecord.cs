using System.Text.Json;

namespace PiGrid.NodeAgent.Identity;

/// <summary>What the first run learnt: which grid this node belongs to. It pins the grid's key.</summary>
internal sealed record EnrolmentRecord
{
    /// <summary>Where it enrolled.</summary>
    public required string Grid { get; init; }

    /// <summary>The grid's public key (DER SubjectPublicKeyInfo).</summary>
    public required byte[] GridKey { get; init; }

    /// <summary>The node.</summary>
    public required NodeId Node { get; init; }

    /// <summary>Who answers for it.</summary>
    public required OwnerId Owner { get; init; }

    /// <summary>Whether it is an operator node, which validates models.</summary>
    public required bool Operator { get; init; }

    /// <summary>Reads the record; null when there is none.</summary>
    /// <exception cref="AgentException">The file is damaged.</exception>
    public static EnrolmentRecord? Load(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<EnrolmentRecord>(File.ReadAllBytes(path), GridJson.Wire) : null;
        }
        catch (JsonException e)
        {
            throw new AgentException(ExitCode.FolderUnusable, $"'{path}' is damaged ({e.Path}: {e.Message}). Remove it and start with a token to enrol again; the node keeps its key.");
        }
    }

    /// <summary>Writes the record.</summary>
    public void Save(string path) => AgentFolder.WritePrivate(path, JsonSerializer.SerializeToUtf8Bytes(this, GridJson.Indented));
}
