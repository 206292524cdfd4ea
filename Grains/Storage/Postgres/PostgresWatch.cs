using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PiGrid.Grains.Storage.Postgres;

/// <summary>
/// Asks the server at intervals whether it is there, so that the silo knows that it went away, and that it is back, without anybody's call having to
/// fail first.
/// </summary>
public sealed partial class PostgresWatch(
    PostgresDatabase database, IOptions<PostgresOptions> options, TimeProvider time, ILogger<PostgresWatch> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ProbePeriod, time);
        var isAway = false;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var problem = await database.ProbeAsync(stoppingToken);
            if (problem is not null && !isAway)
            {
                LogAway(problem, database.Where);
            }
            else if (problem is null && isAway)
            {
                LogReturned(database.Where);
            }

            isAway = problem is not null;
        }
    }

    [LoggerMessage(LogLevel.Error, "The {Database} cannot be used; the silo is not ready until it can")]
    private partial void LogAway(Exception problem, string database);

    [LoggerMessage(LogLevel.Warning, "The {Database} can be used again")]
    private partial void LogReturned(string database);
}
