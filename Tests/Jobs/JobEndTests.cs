using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using PiGrid.Grains.Jobs;
using PiGrid.Grains.Models;
using PiGrid.Grains.Storage;
using PiGrid.Models;
using PiGrid.Tests.Silo;

namespace PiGrid.Tests.Jobs;

/// <summary>What follows from a job's end, when a write fails or the silo stops between the one and the other.</summary>
public sealed class JobEndTests : IAsyncLifetime
{
    private readonly List<TestWorker> _workers = [];
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync("--Jobs:Checkpoint=00:00:01");
        _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.OperatorNodeToken));
        await DigestModel.PublishAsync(_silo);
    }

    public async Task DisposeAsync()
    {
        await DismissAsync();
        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Job_WhenItsEndCannotBeWritten_EndsLaterWithoutBeingAsked()
    {
        var job = NewId.Job();
        using var submitted = await DigestModel.SubmitAsync(_silo, job, VerificationPolicy.None, [1]);
        submitted.EnsureSuccessStatusCode();

        // Its own next write is refused, as its record is of another version now.
        await ChangeAsync<JobRecord>("job", _silo.Grains.GetGrain<IJobGrain>(job.Value), same => same);
        _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.EnrolmentToken!));

        await UntilClosedAsync(RegistryLists.Jobs, job.Value);
        var status = await _silo.Grains.GetGrain<IJobGrain>(job.Value).GetStatus();
        Assert.Equal((JobState.Completed, 1), (status!.State, status.ShardsAccepted));
    }

    [Fact]
    public async Task Start_WhenAnEndedJobIsStillEntered_TakesItOut()
    {
        var job = NewId.Job();
        _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.EnrolmentToken!));
        using var submitted = await DigestModel.SubmitAsync(_silo, job, VerificationPolicy.None, [1]);
        await UntilClosedAsync(RegistryLists.Jobs, job.Value);

        await RestartAsync(() => EnterAsync(RegistryLists.Jobs, job.Value));

        await UntilClosedAsync(RegistryLists.Jobs, job.Value);
    }

    [Fact]
    public async Task Start_WhenAModelHasNotHeardOfItsValidation_TellsItAgain()
    {
        var model = DigestModel.Manifest.Ref;
        await RestartAsync(async () =>
        {
            await EnterAsync(RegistryLists.Models, model.Value);
            await ChangeAsync<ModelRecord>(
                "model", _silo.Grains.GetGrain<IModelGrain>(model.Value), ready => ready with { State = ModelState.Pending, Report = null });
        });

        // Nobody is there who could validate it again.
        var status = await _silo.Http.GetFromJsonAsync<ModelStatus>("/api/models/digest/versions/1?wait_ms=20000", GridJson.Wire);

        Assert.Equal((ModelState.Ready, null), (status!.State, status.Reason));
        await UntilClosedAsync(RegistryLists.Models, model.Value);
    }

    private async Task RestartAsync(Func<Task> leaveBehind)
    {
        await DismissAsync();
        await leaveBehind();
        await _silo.StopAsync();
        await _silo.StartAgainAsync();
    }

    private async Task DismissAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        _workers.Clear();
    }

    // Writes a grain's state behind its back.
    private async Task ChangeAsync<T>(string name, IAddressable grain, Func<T, T> change)
    {
        var storage = _silo.Services.GetRequiredKeyedService<IGrainStorage>(GridStorage.Name);
        var state = new GrainState<T>();
        await storage.ReadStateAsync(name, grain.GetGrainId(), state);
        state.State = change(state.State!);
        await storage.WriteStateAsync(name, grain.GetGrainId(), state);
    }

    private Task EnterAsync(string list, string id) =>
        Registry(list, id).Put(new RegistryEntry(id, Open: true, TimeProvider.System.GetUtcNow()));

    private IRegistryGrain Registry(string list, string id) => _silo.Grains.GetGrain<IRegistryGrain>(RegistryLists.KeyOf(list, id));

    // The registry alone is asked, since a question would wake the grain that is to act by itself.
    private async Task UntilClosedAsync(string list, string id)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await Registry(list, id).List()).Single(e => e.Id == id).Open)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
        }
    }
}
