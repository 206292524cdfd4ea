using System.Diagnostics;
using System.Text;
using System.Text.Json;
using PiGrid.Models;
using PiGrid.NodeAgent.Work;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.NodeAgent.Faults;

/// <summary>Where <c>--fault</c> takes effect. Without a fault it does nothing.</summary>
internal sealed class FaultInjector(Fault fault, TimeProvider time)
{
    private static readonly TimeSpan SlowPerInput = TimeSpan.FromSeconds(10);

    /// <summary>Refuses faults against grids of other people.</summary>
    /// <exception cref="AgentException">The grid is not on this machine.</exception>
    public static void Check(Fault fault, Identity.GridAddress address)
    {
        if (fault != Fault.None && !address.IsLoopback)
        {
            throw new AgentException(ExitCode.BadUsage, $"--fault is for tests on this machine alone, and {address} is not on it. Leave it out.");
        }
    }

    /// <summary>A lease was accepted and its work begins.</summary>
    public async Task BeforeRunAsync(WorkOrder order, CancellationToken cancellationToken)
    {
        switch (fault)
        {
            case Fault.Crash:
                using (var self = Process.GetCurrentProcess())
                {
                    self.Kill();
                }

                break;
            case Fault.Stall:
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
                break;
            case Fault.Slow:
                await Task.Delay(SlowPerInput * Math.Max(1, order.Inputs.Count), time, cancellationToken);
                break;
            case Fault.None or Fault.Forge:
                break;
        }
    }

    /// <summary>The outputs are there, honest so far.</summary>
    public async Task<IReadOnlyList<ItemOutput>> AfterRunAsync(
        WorkOrder order, IReadOnlyList<ItemOutput> honest, LeaseBlobs blobs, CancellationToken cancellationToken)
    {
        if (fault != Fault.Forge || order.Work.Kind != WorkKind.Run)
        {
            return honest;
        }

        var labels = await LabelsAsync(order.Work, blobs, cancellationToken);
        return honest.Select((output, i) => Forger.Forge(output, order.Inputs[i].Blob.Sha256, labels)).ToArray();
    }

    private static async Task<IReadOnlyList<string>> LabelsAsync(WorkTemplate work, LeaseBlobs blobs, CancellationToken cancellationToken)
    {
        using var manifest = await blobs.UseAsync(work.Manifest, cancellationToken);
        var name = JsonSerializer.Deserialize<ModelManifest>(manifest.Bytes, GridJson.Wire)?.Postprocess.Labels;
        if (work.Files.FirstOrDefault(f => f.Name == name) is not { } file)
        {
            return [];
        }

        using var labels = await blobs.UseAsync(file.Blob, cancellationToken);
        return Encoding.UTF8.GetString(labels.Bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
