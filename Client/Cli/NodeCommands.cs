using System.CommandLine;
using System.Globalization;
using PiGrid.Verification;

namespace PiGrid.Client.Cli;

/// <summary><c>pigrid node list|show|drain|ban|unban</c>.</summary>
internal static class NodeCommands
{
    /// <summary>Lists all nodes.</summary>
    public static Command List()
    {
        var command = new Command("list", "Lists nodes, newest first.");
        command.OnGrid(async (_, grid, terminal, stop) =>
        {
            var nodes = await grid.ListNodesAsync(stop).ToListAsync(stop);
            terminal.List("nodes", nodes, console =>
            {
                var table = Tables.Create("node", "owner", "state", "tier", "slots free", "leases", "accepted", "wrong", "failed", "provider", "reason");
                foreach (var n in nodes)
                {
                    table.Row(
                        n.Id.Value, Name(n), Tables.Word(n.State), n.Reputation is { } r ? Tables.Word(r.Tier) : "operator", n.Heartbeat is { } h ? Tables.Number(h.FreeSlots) : null,
                        Tables.Number(n.Leases.Count), Tables.Number(n.Tally.Accepted), Tables.Number(n.Tally.Wrong),
                        Tables.Number(n.Tally.Failed + n.Tally.Expired), n.Profile?.Providers.FirstOrDefault(p => p.Usable)?.Name, n.Reason);
                }

                console.Write(table);
            });
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Shows one node.</summary>
    public static Command Show()
    {
        var node = Argument();
        var command = new Command("show", "Shows a node.") { node };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
        {
            var status = await grid.FindNodeAsync(parsed.GetValue(node), stop) ?? throw Missing.Node(parsed.GetValue(node));
            return Answer(terminal, status);
        });
        return command;
    }

    /// <summary>Drains a node, or lets it work again.</summary>
    public static Command Drain()
    {
        var node = Argument();
        var end = new Option<bool>("--end") { Description = "Let the node take work again." };
        var command = new Command("drain", "Lets a node finish what it holds and take nothing new.") { node, end };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
            Answer(terminal, await grid.DrainNodeAsync(parsed.GetValue(node), !parsed.GetValue(end), stop)));
        return command;
    }

    /// <summary>Bans a node's owner.</summary>
    public static Command Ban()
    {
        var node = Argument();
        var reason = new Option<string>("--reason") { Description = "Why; at most 500 characters.", Required = true };
        var command = new Command("ban", "Bans a node's owner with all nodes.") { node, reason };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
            Answer(terminal, await grid.BanNodeAsync(parsed.GetValue(node), parsed.GetRequiredValue(reason), stop)));
        return command;
    }

    /// <summary>Ends a ban.</summary>
    public static Command Unban()
    {
        var node = Argument();
        var command = new Command("unban", "Ends the ban of a node's owner.") { node };
        command.OnGrid(async (parsed, grid, terminal, stop) =>
            Answer(terminal, await grid.UnbanNodeAsync(parsed.GetValue(node), stop)));
        return command;
    }

    private static Argument<NodeId> Argument() => Parsing.Id<NodeId>("NODE", "The node's id.");

    private static string Name(NodeStatus node) => node.Operator ? $"{node.OwnerName} (operator)" : node.OwnerName;

    private static string Standing(ReputationTier tier, double passed, double wrong, double errors, double timeouts) => string.Create(
        CultureInfo.InvariantCulture, $"{Tables.Word(tier)}; checks passed {passed:0.#}, wrong {wrong:0.#}, errors {errors:0.#}, timeouts {timeouts:0.#}");

    private static int Answer(Terminal terminal, NodeStatus node)
    {
        terminal.Answer(node, console =>
        {
            var table = Tables.Facts();
            void Row(string name, string? value) => table.Row(name, value);
            Row("node", node.Id.Value);
            Row("owner", $"{Name(node)}, {node.Owner}");
            Row("state", Tables.Word(node.State) + (node.Reason is null ? "" : $": {node.Reason}"));
            Row("enrolled", Tables.At(node.EnrolledAt));
            Row("seen", Tables.At(node.SeenAt));
            Row("leases", Tables.Number(node.Leases.Count));
            var tally = node.Tally;
            Row("results", $"{tally.Accepted} accepted, {tally.Wrong} wrong, {tally.Invalid} invalid, {tally.Failed} failed, {tally.Expired} expired");
            if (node.Reputation is { } reputation)
            {
                Row("reputation", Standing(reputation.Tier, reputation.Passed, reputation.Wrong, reputation.Errors, reputation.Timeouts));
                foreach (var f in reputation.Families)
                {
                    Row($"with {f.Family}", Standing(f.Tier, f.Passed, f.Wrong, f.Errors, f.Timeouts));
                }

                if (reputation.LastWrong is { } wrong)
                {
                    Row("last wrong result", wrong);
                }
            }

            if (node.Profile is { } profile)
            {
                Row("agent", $"{profile.AgentVersion} on {profile.Os} {profile.Architecture}, {profile.Library}");
                Row("hardware class", profile.HardwareClass);
                Row("region", profile.Region);
                Row("price", $"{profile.PricePerHour} credits an hour of a slot");
                Row("lends", $"{profile.Cores} processors, {profile.MemoryMib} MiB, {profile.Slots} slots");
                foreach (var probe in profile.Providers)
                {
                    Row($"provider {probe.Name}", probe.Usable ? "usable" : probe.Reason);
                }
            }

            foreach (var pace in node.Paces)
            {
                Row($"pace of {pace.Model}", string.Create(CultureInfo.InvariantCulture, $"{pace.InputMs:0.#} ms an input, of {pace.Replicas} replicas"));
            }

            foreach (var proof in node.ModelProofs)
            {
                Row($"model {proof.Model.Value[..12]}", $"{Tables.Word(proof.State)} at {Tables.At(proof.At)}");
            }

            if (node.StaysAnHour is { } stays)
            {
                Row("stays an hour", string.Create(CultureInfo.InvariantCulture, $"{stays:P0} probable"));
            }

            console.Write(table);
            AvailabilityChart.Draw(console, node.Availability);
        });
        return ExitCode.Ok;
    }
}
