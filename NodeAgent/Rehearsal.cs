using System.Security.Cryptography;
using PiGrid.NodeAgent.Session;
using PiGrid.NodeAgent.Work;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.NodeAgent;

/// <summary>
/// Plays one lease through messages, checks and signatures before the first real one, so that the code is compiled and the serializer knows its types
/// when somebody waits: cold, that takes longer than the work.
/// </summary>
internal static class Rehearsal
{
    /// <summary>Plays it.</summary>
    /// <exception cref="InvalidOperationException">The agent does not understand itself.</exception>
    public static void Play(NodeId node, TimeProvider time)
    {
        using var grid = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var blob = new BlobRef(Sha256.Of([1]), 1);
        var order = new WorkOrder
        {
            Work = new()
            {
                Kind = WorkKind.Run,
                Model = new("rehearsal", "1"),
                Manifest = blob,
                ModelFile = blob,
                Files = [new("labels.txt", blob)],
                Category = "test",
                Limits = new(),
            },
            Inputs = [new() { Index = 0, Blob = blob }],
        };
        var lease = new Lease
        {
            Id = NewId.Lease(),
            Request = Guid.Empty,
            Shard = new(NewId.Job(), 0),
            Node = node,
            Work = CanonicalJson.Digest(order),
            IssuedAt = time.GetUtcNow(),
            Deadline = time.GetUtcNow() + TimeSpan.FromMinutes(1),
        };
        var signed = new SignedLease(lease, Signatures.Sign(grid, CanonicalJson.Serialize(lease)));
        var sent = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes<NodeMessage>(
            new AssignMessage(new Assignment { Lease = signed, Order = order, Grant = "none", Inline = [[1]] }), GridJson.Wire);
        if (NodeMessages.Read(sent, out _) is not AssignMessage { Assignment: var assignment }
            || LeaseCheck.Refuse(assignment, grid.ExportSubjectPublicKeyInfo(), node, time.GetUtcNow()) is not null)
        {
            throw new InvalidOperationException("The rehearsal of a lease failed: this build of the agent does not work.");
        }

        Answer(assignment, grid);
    }

    private static void Answer(Assignment assignment, ECDsa key)
    {
        ItemOutput[] items = [new() { Detections = [new(0, "bus", 0.5, new(0, 0, 1, 1))] }, new() { Labels = [new(0, "bus", 0.5)] }];
        var output = new ShardOutput { Items = items }.ToCanonicalBytes();
        var statement = new ResultStatement
        {
            Type = ResultStatement.TypeV1,
            Lease = assignment.Lease.Lease.Id,
            Manifest = assignment.Order.Work.Manifest.Sha256,
            ModelFile = assignment.Order.Work.ModelFile?.Sha256,
            Inputs = assignment.Order.Inputs.Select(i => i.Blob.Sha256).ToArray(),
            Output = Sha256.Of(output),
            Provider = "cpu",
            Library = "none",
            HardwareClass = "none",
            TotalMs = 1.5,
            ModelMs = 0.5,
        };
        var signature = Signatures.Sign(key, CanonicalJson.Serialize(statement));
        Outbox.Encode(new AcceptMessage(statement.Lease));
        Outbox.Encode(new ProgressMessage(statement.Lease, 1));
        Outbox.Encode(new HeartbeatMessage(new() { FreeSlots = 1, CachedModels = [statement.Output] }));
        Outbox.Encode(new ResultMessage(new()
        {
            Lease = assignment.Lease,
            Statement = statement,
            Signature = signature,
            Output = output,
            OutputSize = output.Length,
        }));
        NodeMessages.Read("""{"type":"cancel","lease":"l_aaaaaaaaaaaaaaaaaaaaaaaaaa","reason":""}"""u8.ToArray(), out _);
    }
}
