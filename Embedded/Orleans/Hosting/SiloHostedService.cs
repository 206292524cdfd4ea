using Microsoft.Extensions.Hosting;

namespace Orleans.Embedded;

/// <summary>A part of the silo that starts after it and stops before it, as reminders and the gateway do.</summary>
internal interface ISiloPart {
    void Prepare() { }

    Task StartAsync(CancellationToken cancellationToken);

    Task StopAsync(CancellationToken cancellationToken);
}

/// <summary>Starts and stops the silo with its host.</summary>
internal sealed class SiloHostedService(SiloRuntime silo, IEnumerable<ISiloPart> parts) : IHostedService {
    private readonly Stack<ISiloPart> _started = new();

    public async Task StartAsync(CancellationToken cancellationToken) {
        foreach (var part in parts) { part.Prepare(); }
        silo.Start();
        foreach (var part in parts) {
            await part.StartAsync(cancellationToken);
            _started.Push(part);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken) {
        while (_started.TryPop(out var part)) { await part.StopAsync(cancellationToken); }
        await silo.StopAsync(cancellationToken);
    }
}
