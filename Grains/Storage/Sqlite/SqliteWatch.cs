using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PiGrid.Grains.Storage.Sqlite;

/// <summary>
/// While the disk takes no writes, tries at intervals whether it does again: what waits for that need not wait for somebody's write. A disk that is
/// well is left alone.
/// </summary>
public sealed partial class SqliteWatch(
    SqliteDatabase database, StoreHealth health, IOptions<StorageOptions> options, TimeProvider time, ILogger<SqliteWatch> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ProbePeriod, time);
        var isFull = false;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (health.Problem is null)
            {
                continue;
            }

            var problem = await database.ProbeAsync();
            if (problem is not null && !isFull)
            {
                LogFull(problem, database.File);
            }
            else if (problem is null)
            {
                LogReturned(database.File);
            }

            isFull = problem is not null;
        }
    }

    [LoggerMessage(LogLevel.Error, "{File} takes no writes; the silo is not ready until it does")]
    private partial void LogFull(Exception problem, string file);

    [LoggerMessage(LogLevel.Warning, "{File} takes writes again")]
    private partial void LogReturned(string file);
}
