using System.Net;

namespace PiGrid.Client.Cli;

/// <summary>What was asked for is not in the grid.</summary>
internal static class Missing
{
    public static GridApiException Model(ModelRef model) => Of($"There is no model version {model}. 'pigrid model list' shows what there is.");

    public static GridApiException Job(JobId job) => Of($"There is no job {job}. 'pigrid job list' shows what there is.");

    public static GridApiException Node(NodeId node) => Of($"There is no node {node}. 'pigrid node list' shows what there is.");

    public static GridApiException Receipt(ReceiptId receipt) => Of($"There is no receipt {receipt}: its shard is not accepted, or does not exist.");

    private static GridApiException Of(string message) => new(HttpStatusCode.NotFound, "not_found", message, []);
}
