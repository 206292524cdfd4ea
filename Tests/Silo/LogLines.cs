using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace PiGrid.Tests.Silo;

/// <summary>What a silo logs, line by line, for tests that wait for what only the log says.</summary>
internal sealed class LogLines : ILogger
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    /// <summary>The next line that holds the text; those before it are passed over.</summary>
    public async Task<string> WaitAsync(string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (await _lines.Reader.ReadAsync(limit.Token) is var line && line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }
    }

    /// <summary>The lines until now that were not taken before.</summary>
    public IReadOnlyList<string> Take()
    {
        var lines = new List<string>();
        while (_lines.Reader.TryRead(out var line))
        {
            lines.Add(line);
        }

        return lines;
    }

    /// <summary>What a silo is given; its end is not the log's.</summary>
    public ILoggerProvider ToProvider() => new Provider(this);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Writer.TryWrite(formatter(state, exception));

    private sealed class Provider(LogLines lines) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => lines;

        public void Dispose()
        {
            // The lines stay readable.
        }
    }
}
