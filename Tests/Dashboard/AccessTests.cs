using Microsoft.Playwright;
using PiGrid.Tests.Silo;
using static Microsoft.Playwright.Assertions;

namespace PiGrid.Tests.Dashboard;

/// <summary>Who may look, and that everybody can: keys, policies of the page, keyboard, small screens, dark and light.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        if (Chromium.SkipReason is null)
        {
            _silo = await TestSilo.StartAsync("--Dashboard:SamplePeriod=00:00:00.200");
        }
    }

    public async Task DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }
    }

    [ChromiumFact]
    public async Task SignIn_WithAWrongKey_SaysSoAndShowsNothing()
    {
        await using var browser = await Browser.OpenAsync(_silo);
        Assert.Empty(browser.Troubles);
        await browser.Page.GetByLabel("API key").FillAsync("not a key");
        await browser.Page.Keyboard.PressAsync("Enter");

        await Expect(browser.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("unknown, revoked or over");
        await Expect(browser.Page.GetByRole(AriaRole.Navigation)).ToBeHiddenAsync();

        // The browser itself notes an answer of 401; nothing else went wrong.
        Assert.All(browser.Troubles, trouble => Assert.Contains("401", trouble, StringComparison.Ordinal));
    }

    [ChromiumFact]
    public async Task SignOut_ForgetsTheKey()
    {
        await using var browser = await Browser.SignedInAsync(_silo);
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();

        await Expect(browser.Page.GetByLabel("API key")).ToBeFocusedAsync();
        Assert.Equal(0, await browser.Page.EvaluateAsync<int>("() => sessionStorage.length + localStorage.length + document.cookie.length"));
        await browser.Page.ReloadAsync();
        await Expect(browser.Page.GetByLabel("API key")).ToBeVisibleAsync();
        Assert.Empty(browser.Troubles);
    }

    [ChromiumFact]
    public async Task Page_WhereAnonymousAccessIsAllowed_NeedsNoKey()
    {
        await using var open = await TestSilo.StartAsync("--Api:Anonymous=infer");
        await using var browser = await Browser.OpenAsync(open);

        await Expect(browser.Page.GetByRole(AriaRole.Heading, new() { Name = "Overview" })).ToBeVisibleAsync();
        await Expect(browser.Page.Locator("#live")).ToHaveTextAsync("live");
    }

    [ChromiumFact]
    public async Task Page_IsServedUnderAStrictPolicy_AndNothingOfItIsBlocked()
    {
        using var http = _silo.ClientWith(null);
        using var page = await http.GetAsync("/");
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());

        var html = await page.Content.ReadAsStringAsync();
        var style = System.Text.RegularExpressions.Regex.Match(html, "href=\"(/dashboard/[^\"]+style.css)\"").Groups[1].Value;
        using var file = await http.GetAsync(style);
        Assert.Equal("text/css", file.Content.Headers.ContentType!.MediaType);
        Assert.Contains("immutable", file.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/");
        again.Headers.IfNoneMatch.Add(page.Headers.ETag!);
        using var unchanged = await http.SendAsync(again);
        Assert.Equal(System.Net.HttpStatusCode.NotModified, unchanged.StatusCode);

        await using var browser = await Browser.SignedInAsync(_silo);
        foreach (var hash in new[] { "#/jobs", "#/nodes", "#/models", "#/incidents", "#/" })
        {
            await browser.GoAsync(hash);
            await Expect(browser.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeFocusedAsync();
        }

        Assert.Empty(browser.Troubles);
    }

    [ChromiumFact]
    public async Task Keyboard_AloneReachesANode()
    {
        await using var node = await TestWorker.StartAsync(_silo, _silo.Bootstrap.EnrolmentToken!);
        await using var browser = await Browser.OpenAsync(_silo);
        var (page, keys) = (browser.Page, browser.Page.Keyboard);
        await Expect(page.GetByLabel("API key")).ToBeFocusedAsync();
        await keys.InsertTextAsync(_silo.Bootstrap.OperatorKey);
        await keys.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Overview" })).ToBeFocusedAsync();

        await TabToAsync(page, "Nodes connected");
        await keys.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Nodes", Exact = true })).ToBeFocusedAsync();
        await Expect(page.GetByTitle(node.Node.Value)).ToBeVisibleAsync();
        await TabToAsync(page, node.Node.Value[..12]);
        await keys.PressAsync("Enter");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync(node.Node.Value);
        Assert.Empty(browser.Troubles);
    }

    [ChromiumTheory]
    [InlineData(360, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Dark)]
    public async Task Pages_OnAScreenOfAnyWidth_FitAndAreLegible(int width, ColorScheme scheme)
    {
        await using var node = await TestWorker.StartAsync(_silo, _silo.Bootstrap.EnrolmentToken!);
        await using var browser = await Browser.SignedInAsync(_silo, new() { ViewportSize = new() { Width = width, Height = 740 }, ColorScheme = scheme });
        foreach (var (hash, shown) in new[] { ("#/nodes", node.Node.Value[..12]), ($"#/nodes/{node.Node}", TestNode.Profile.HardwareClass), ("#/incidents", "Nothing went wrong"), ("#/", "enrolled") })
        {
            await browser.GoAsync(hash);
            await Expect(browser.Page.Locator("#view")).ToContainTextAsync(shown);
            Assert.False(await browser.ScrollsSidewaysAsync(), $"{hash} is wider than {width} pixels.");
            Assert.True(await LeastContrastAsync(browser.Page) >= 4.5, $"{hash} has text of too little contrast: {await LeastContrastAsync(browser.Page)}");
        }

        Assert.Empty(browser.Troubles);
    }

    // The least contrast of visible text with what is painted behind it, by WCAG 2.
    private static Task<double> LeastContrastAsync(IPage page) => page.EvaluateAsync<double>(
        """
        () => {
          const parse = c => { const p = c.match(/[\d.]+/g).map(Number); return { r: p[0], g: p[1], b: p[2], a: p[3] ?? 1 }; };
          const channel = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
          const light = c => 0.2126 * channel(c.r) + 0.7152 * channel(c.g) + 0.0722 * channel(c.b);
          const behind = el => { for (let at = el; at; at = at.parentElement) { const c = parse(getComputedStyle(at).backgroundColor); if (c.a === 1) return c; } return { r: 255, g: 255, b: 255 }; };
          let least = 21;
          for (const el of document.querySelectorAll('#view *, header *')) {
            const own = [...el.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
            if (!own || !el.checkVisibility() || el.closest('.sr, svg')) continue;
            const [a, b] = [light(parse(getComputedStyle(el).color)), light(behind(el))].sort((x, y) => y - x);
            least = Math.min(least, (a + 0.05) / (b + 0.05));
          }
          return least;
        }
        """);

    private static async Task TabToAsync(IPage page, string text)
    {
        for (var presses = 0; presses < 40; presses++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<bool>("text => document.activeElement.textContent.includes(text)", text))
            {
                return;
            }
        }

        Assert.Fail($"The tab key does not reach '{text}'.");
    }
}
