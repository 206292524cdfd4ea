using Microsoft.Playwright;
using PiGrid.Tests.Silo;

namespace PiGrid.Tests.Dashboard;

/// <summary>A page in a real Chromium, and everything that went wrong on it: errors on the console, exceptions, requests that failed, policies that were broken.</summary>
public sealed class Browser : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly IBrowserContext _context;
    private readonly List<string> _troubles = [];

    private Browser(IPlaywright playwright, IBrowser browser, IBrowserContext context, IPage page)
    {
        (_playwright, _browser, _context, Page) = (playwright, browser, context, page);
        page.Console += (_, message) => Note(message.Type is "error" or "warning" ? $"console {message.Type}: {message.Text}" : null);
        page.PageError += (_, error) => Note($"exception: {error}");
        page.Request += (_, request) => Note(request.Url.StartsWith(Origin, StringComparison.Ordinal) || request.Url.StartsWith("blob:" + Origin, StringComparison.Ordinal) ? null : $"foreign request: {request.Url}");
    }

    public IPage Page { get; }

    /// <summary>What was asked for outside of it is a trouble.</summary>
    public string Origin { get; private set; } = "";

    /// <summary>What went wrong so far.</summary>
    public IReadOnlyList<string> Troubles
    {
        get
        {
            lock (_troubles)
            {
                return _troubles.ToArray();
            }
        }
    }

    /// <summary>A new page that is signed in to a silo, on its overview.</summary>
    public static async Task<Browser> SignedInAsync(TestSilo silo, BrowserNewContextOptions? options = null)
    {
        var browser = await OpenAsync(silo, options);
        await browser.Page.GetByLabel("API key").FillAsync(silo.Bootstrap.OperatorKey);
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(browser.Page.GetByRole(AriaRole.Heading, new() { Name = "Overview" })).ToBeVisibleAsync();
        return browser;
    }

    /// <summary>A new page at a silo's dashboard.</summary>
    public static async Task<Browser> OpenAsync(TestSilo silo, BrowserNewContextOptions? options = null)
    {
        // Everything that a page waits for is waited for this long: machines that run tests are slow.
        Assertions.SetDefaultExpectTimeout(60_000);
        var playwright = await Playwright.CreateAsync();
        var chromium = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.Program, Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
        var context = await chromium.NewContextAsync(options ?? new());
        context.SetDefaultTimeout(60_000);
        var browser = new Browser(playwright, chromium, context, await context.NewPageAsync()) { Origin = silo.Url.GetLeftPart(UriPartial.Authority) };
        await browser.Page.AddInitScriptAsync("addEventListener('securitypolicyviolation', e => console.error('blocked: ' + e.violatedDirective + ' ' + e.blockedURI))");
        await browser.Page.GotoAsync(silo.Url.ToString());
        return browser;
    }

    /// <summary>Goes to a page of the dashboard as a link does.</summary>
    public Task GoAsync(string hash) => Page.EvaluateAsync("hash => { location.hash = hash; }", hash);

    /// <summary>Whether anything sticks out to the right of the window.</summary>
    public Task<bool> ScrollsSidewaysAsync() => Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > document.documentElement.clientWidth");

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        await _browser.CloseAsync();
        _playwright.Dispose();
    }

    private void Note(string? trouble)
    {
        if (trouble is not null)
        {
            lock (_troubles)
            {
                _troubles.Add(trouble);
            }
        }
    }
}
