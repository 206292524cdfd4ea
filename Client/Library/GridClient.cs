using PiGrid.Api;
using PiGrid.Client.Http;

namespace PiGrid.Client;

/// <summary>
/// A grid over its HTTP front doors, for programs of AI developers and operators. Every call is asynchronous and cancellable; safe calls are
/// retried; refusals are <see cref="GridApiException"/>, silence is <see cref="GridUnreachableException"/>. Thread-safe: one
/// client serves a whole program.
/// </summary>
public sealed partial class GridClient : IDisposable
{
    private readonly GridTransport _transport;
    private readonly GridClientOptions _options;
    private readonly TimeProvider _time;

    /// <summary>A client of the grid at an address.</summary>
    /// <param name="grid">The silo's address, such as <c>http://127.0.0.1:5000</c>.</param>
    /// <param name="key">The API key; null for what needs none.</param>
    /// <param name="options">Limits; the defaults when null.</param>
    /// <param name="handler">Carries the requests, not disposed; a connection pool of its own when null.</param>
    /// <param name="time">The clock of pauses; the system's when null.</param>
    /// <exception cref="ArgumentException">The address is not absolute HTTP(S), or options are out of range.</exception>
    public GridClient(Uri grid, string? key = null, GridClientOptions? options = null, HttpMessageHandler? handler = null, TimeProvider? time = null)
        : this(
            handler is null ? new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) : new HttpClient(handler, disposeHandler: false),
            grid, key, options, time)
    {
    }

    /// <summary>A client over connections that somebody else keeps.</summary>
    internal GridClient(HttpClient http, Uri grid, string? key, GridClientOptions? options, TimeProvider? time)
    {
        ArgumentNullException.ThrowIfNull(grid);
        if (!IsAddress(grid))
        {
            throw new ArgumentException($"'{grid}' is no address of a grid; expected http://HOST:PORT or https://HOST.", nameof(grid));
        }

        _options = options ?? new GridClientOptions();
        _options.Validate();
        _time = time ?? TimeProvider.System;
        _transport = new GridTransport(http, grid, key, _options, _time);
    }

    /// <summary>The grid's address.</summary>
    public Uri Grid => _transport.Grid;

    /// <summary>A client of the grid whose data folder holds this <c>bootstrap.json</c>, with the operator's key.</summary>
    public static GridClient FromBootstrap(Bootstrap bootstrap, GridClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(bootstrap);
        return new GridClient(new Uri(bootstrap.Url), bootstrap.OperatorKey, options);
    }

    /// <summary>Version, engine, key and size of the grid.</summary>
    public Task<GridInfo> GetGridAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync<GridInfo>(GridCall.Get("api/grid"), cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    /// <summary>Whether a grid can be there.</summary>
    internal static bool IsAddress(Uri? grid) => grid is { IsAbsoluteUri: true, Scheme: "http" or "https" };

    private static string Escape(string value) => Uri.EscapeDataString(value);
}
