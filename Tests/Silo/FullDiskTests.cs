using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Sqlite;

namespace PiGrid.Tests.Silo;

/// <summary>A database that can grow no more, as on a full disk: SQLite's own limit of pages stands for it.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public async Task Silo_WhenItsDiskIsFull_IsNotReadyUntilThereIsRoom_AndThenResumes()
    {
        await using var silo = await TestSilo.StartAsync("--Storage:ProbePeriod=00:00:00.100");
        var database = silo.Services.GetRequiredService<SqliteDatabase>();
        var health = silo.Services.GetRequiredService<StoreHealth>();
        var returned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        health.Returned += returned.SetResult;
        await LimitAsync(database, "PRAGMA max_page_count = 1");

        await Assert.ThrowsAsync<StorageException>(() => database.WriteAsync(s => s.Execute(
            "INSERT INTO grain_state (grain, name, etag, format, payload) VALUES ('large', 'x', '', 1, zeroblob(1000000))")));

        using (var full = await silo.Http.GetAsync("/health/ready"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, full.StatusCode);
            Assert.Contains("the disk is full or failing", await full.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.NotNull(await database.ProbeAsync());
        Assert.False(returned.Task.IsCompleted);
        await LimitAsync(database, "PRAGMA max_page_count = 1073741823");
        await returned.Task.WaitAsync(TimeSpan.FromSeconds(20));
        using var ready = await silo.Http.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal(0L, await database.ReadAsync(s => s.Scalar("SELECT count(*) FROM grain_state WHERE grain IN ('probe', 'large')")));
    }

    private static Task<object?> LimitAsync(SqliteDatabase database, string pragma) => database.WriteAsync(s => s.Scalar(pragma));
}
