using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace PiGrid.Tests.NodeAgent;

/// <summary>Keeps what an agent logs; with PIGRID_TEST_LOG set, also in that file, for finding out why a test fails.</summary>
internal sealed class AgentLog : ILoggerProvider, ILogger
{
    private static readonly string? Path = Environment.GetEnvironmentVariable("PIGRID_TEST_LOG");
    private static readonly Lock Gate = new();

    private readonly ConcurrentQueue<string> _lines = [];

    /// <summary>What was logged so far.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
        // Nothing is open.
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _lines.Enqueue(formatter(state, exception));
        if (Path is not null)
        {
            lock (Gate)
            {
                File.AppendAllText(Path, $"{DateTime.Now:HH:mm:ss.fff} {formatter(state, exception)} {exception}\n");
            }
        }
    }
}
