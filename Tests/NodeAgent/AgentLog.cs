using Microsoft.Extensions.Logging;

namespace PiGrid.Tests.NodeAgent;

/// <summary>Keeps what agents log; with PIGRID_TEST_LOG set, in that file, for finding out why a test fails.</summary>
internal sealed class AgentLog : ILoggerProvider, ILogger
{
    private static readonly string? Path = Environment.GetEnvironmentVariable("PIGRID_TEST_LOG");
    private static readonly Lock Gate = new();

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
        // Nothing is open.
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => Path is not null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (Path is not null)
        {
            lock (Gate)
            {
                File.AppendAllText(Path, $"{DateTime.Now:HH:mm:ss.fff} {formatter(state, exception)} {exception}\n");
            }
        }
    }
}
