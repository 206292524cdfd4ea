using Microsoft.Extensions.DependencyInjection;
using PiGrid.Grains.Storage;
using PiGrid.Tests.Scheduling;

namespace PiGrid.Tests.Silo;

/// <summary>What ends while somebody waits on the other side: a session that the node's grain is about to use, a stream that has nothing to say.</summary>
public sealed class SessionEndTests : IAsyncLifetime
{
    private readonly LogLines _log = new();
    private readonly GatedBlobs _blobs = new();
    private TestSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await TestSilo.StartAsync(
        services =>
        {
            _blobs.Wrap(services);
            services.AddSingleton(_log.ToProvider());
        },
        "--Logging:LogLevel:PiGrid.Silo.Gateway=Information",
        "--Logging:LogLevel:Microsoft.AspNetCore.Hosting=Information");

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task Node_WhenItsSessionEndsWhileALeaseIsMade_IsFreeAtOnce()
    {
        await using var node = await TestNode.EnrolledAsync(_silo);
        var (socket, _) = await node.ConnectAsync();
        var input = await _silo.Services.GetRequiredService<IBlobStore>().PutBytesAsync([1, 2, 3], default);
        var wanted = Wishes.Want(1, shard: 1);
        _blobs.Gate = input.Sha256;
        var assigning = _silo.Grains.GetGrain<INodeGrain>(node.Id.Value).Assign(
            wanted with { Order = wanted.Order with { Inputs = new[] { new ShardInput { Index = 0, Blob = input } } } }, pace: null);
        await _blobs.Reached;
        socket.Abort();
        await _log.WaitAsync($"Session of {node.Id} ended");

        _blobs.Open();

        // Far less than a call to a grain may take: the grain is answered that the session is closed, and is not left waiting.
        await assigning.WaitAsync(TimeSpan.FromSeconds(10));
        await node.ConnectAsync();
    }

    [Fact]
    public async Task Events_WhenTheWatcherLeavesAQuietJob_EndWithoutComplaint()
    {
        await using (await TestWorker.StartAsync(_silo, _silo.Bootstrap.OperatorNodeToken))
        {
            await DigestModel.PublishAsync(_silo);
        }

        var job = NewId.Job();
        using var submitted = await DigestModel.SubmitAsync(_silo, job, VerificationPolicy.None, [1]);
        using (var leave = new CancellationTokenSource())
        {
            var stream = await _silo.Http.GetStreamAsync($"/api/jobs/{job}/events", leave.Token);
            var read = await stream.ReadAsync(new byte[100], leave.Token);
            Assert.NotEqual(0, read);
            await stream.DisposeAsync();
        }

        await _log.WaitAsync("/events");
        Assert.Contains("Request finished", await _log.WaitAsync("/events"), StringComparison.Ordinal);
    }

    /// <summary>The silo's blobs, of which one is read when the test lets it.</summary>
    private sealed class GatedBlobs : IBlobStore
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private IBlobStore _inner = null!;

        public Sha256? Gate { get; set; }

        public Task Reached => _reached.Task;

        public void Open() => _open.TrySetResult();

        public void Wrap(IServiceCollection services)
        {
            var known = services.Last(d => d.ServiceType == typeof(IBlobStore));
            services.AddSingleton<IBlobStore>(provider =>
            {
                _inner = (IBlobStore)known.ImplementationFactory!(provider);
                return this;
            });
        }

        public async ValueTask<Stream?> OpenAsync(Sha256 digest, CancellationToken cancellationToken)
        {
            if (digest == Gate)
            {
                _reached.TrySetResult();
                await _open.Task;
            }

            return await _inner.OpenAsync(digest, cancellationToken);
        }

        public Task<BlobRef> PutAsync(Stream content, Sha256? expected, long bytesMax, CancellationToken cancellationToken) =>
            _inner.PutAsync(content, expected, bytesMax, cancellationToken);

        public ValueTask<BlobRef?> FindAsync(Sha256 digest, CancellationToken cancellationToken) => _inner.FindAsync(digest, cancellationToken);

        public IAsyncEnumerable<BlobRef> ListAsync(DateTimeOffset before, CancellationToken cancellationToken) => _inner.ListAsync(before, cancellationToken);

        public Task<bool> RemoveAsync(Sha256 digest, DateTimeOffset before, CancellationToken cancellationToken) =>
            _inner.RemoveAsync(digest, before, cancellationToken);
    }
}
