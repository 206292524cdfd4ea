using System.Net.Http.Json;
using Microsoft.Playwright;
using PiGrid.Tests.Silo;
using static Microsoft.Playwright.Assertions;

namespace PiGrid.Tests.Dashboard;

/// <summary>The dashboard in a real Chromium, from a click to what the page shows: a real silo, nodes that speak the protocol, a job over pictures.</summary>
public sealed class DashboardTests : IAsyncLifetime
{
    private readonly List<TestWorker> _workers = [];
    private TestSilo _silo = null!;

    public async Task InitializeAsync()
    {
        if (Chromium.SkipReason is not null)
        {
            return;
        }

        _silo = await TestSilo.StartAsync("--Dashboard:SamplePeriod=00:00:00.200", "--Dashboard:CountPeriod=00:00:00.200");
        _workers.Add(await TestWorker.StartAsync(_silo, _silo.Bootstrap.OperatorNodeToken, PictureJob.Find));
        await PictureJob.PublishAsync(_silo);
    }

    public async Task DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }
    }

    [ChromiumFact]
    public async Task Overview_WhenANodeJoins_ShowsItWithoutBeingAsked()
    {
        await using var browser = await Browser.SignedInAsync(_silo);
        var connected = Figure(browser, "Nodes connected");
        await Expect(connected).ToHaveTextAsync("1");

        await AddWorkerAsync();

        await Expect(connected).ToHaveTextAsync("2");
        await Expect(browser.Page.Locator("#live")).ToHaveTextAsync("live");
        await Expect(browser.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "probation" })).ToContainTextAsync("1");
        await Expect(browser.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = TestNode.Profile.HardwareClass })).ToContainTextAsync("2");
        Assert.Empty(browser.Troubles);
    }

    [ChromiumFact]
    public async Task Nodes_WhenOneIsClicked_ShowsWhoItIsAndWhatItDid()
    {
        var worker = await AddWorkerAsync();
        await PictureJob.SubmitAsync(_silo);
        await using var browser = await Browser.SignedInAsync(_silo);
        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "Nodes", Exact = true }).ClickAsync();

        await browser.Page.GetByTitle(worker.Node.Value).ClickAsync();

        await Expect(browser.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync(worker.Node.Value);
        await Expect(Fact(browser, "Hardware class")).ToHaveTextAsync(TestNode.Profile.HardwareClass);
        await Expect(Fact(browser, "Accepted")).Not.ToHaveTextAsync("0");
        await Expect(browser.Page.Locator("table.week td")).ToHaveCountAsync(168);
        await Expect(browser.Page.GetByRole(AriaRole.Img, new() { NameRegex = new("Checks passed") })).ToBeVisibleAsync();
        Assert.Empty(browser.Troubles);
    }

    [ChromiumFact]
    public async Task Job_WhenOpened_ShowsItsShardsAPictureAndItsBoxes()
    {
        await AddWorkerAsync();
        var job = await PictureJob.SubmitAsync(_silo);
        await using var browser = await Browser.SignedInAsync(_silo);
        var page = browser.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "pictures", Exact = true }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("completed");
        await Expect(page.Locator(".heat .cell")).ToHaveCountAsync(PictureJob.Count);
        await Expect(page.Locator(".heat .cell[data-state=accepted]")).ToHaveCountAsync(PictureJob.Count);
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Shard 2,") }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Shard 2", Exact = true })).ToBeVisibleAsync();
        Assert.EndsWith($"#/jobs/{job}/shards/2", page.Url, StringComparison.Ordinal);
        await Expect(page.GetByRole(AriaRole.Img, new() { Name = "picture 2.png" })).ToBeVisibleAsync();
        await Expect(page.Locator(".box")).ToHaveCountAsync(1);
        await Expect(page.Locator(".item figcaption")).ToContainTextAsync("square");

        // The picture's square is where its box is, in pixels on the screen.
        var picture = (await page.Locator(".picture img").BoundingBoxAsync())!;
        var box = (await page.Locator(".box").BoundingBoxAsync())!;
        var expected = PictureJob.BoxOf(2);
        Assert.Equal(expected.X0 / PictureJob.Width, (box.X - picture.X) / picture.Width, 0.02);
        Assert.Equal(expected.Y1 / PictureJob.Height, (box.Y + box.Height - picture.Y) / picture.Height, 0.02);
        await Expect(Fact(browser, "Receipt")).ToContainTextAsync("r_");
        Assert.Empty(browser.Troubles);
    }

    [ChromiumFact]
    public async Task Job_WhileItWaits_SaysWhyAndGoesOnByItself()
    {
        var job = NewId.Job();
        using var submitted = await PictureJob.PostAsync(_silo, job);
        await using var browser = await Browser.SignedInAsync(_silo);
        await browser.GoAsync($"#/jobs/{job}");
        await Expect(browser.Page.Locator(".heat .cell[data-state=open]")).ToHaveCountAsync(PictureJob.Count);

        await AddWorkerAsync();

        await Expect(browser.Page.Locator(".heat .cell[data-state=accepted]")).ToHaveCountAsync(PictureJob.Count);
        await Expect(browser.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("completed");
        Assert.Empty(browser.Troubles);
    }

    [ChromiumFact]
    public async Task Models_AndIncidents_AreShown()
    {
        await using var browser = await Browser.SignedInAsync(_silo);
        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "Models", Exact = true }).ClickAsync();
        await Expect(browser.Page.GetByRole(AriaRole.Heading, new() { NameRegex = new("find-squares@1") })).ToContainTextAsync("ready");

        var worker = await AddWorkerAsync();
        (await _silo.Http.PostAsJsonAsync($"/api/nodes/{worker.Node}/ban", new { reason = "for the test" }, GridJson.Wire)).EnsureSuccessStatusCode();

        await Expect(browser.Page.Locator("#incidents-open")).ToHaveTextAsync(" 1");
        await browser.Page.GetByRole(AriaRole.Link, new() { NameRegex = new("^Incidents") }).ClickAsync();
        await Expect(browser.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "owner banned" })).ToContainTextAsync("for the test");
        Assert.Empty(browser.Troubles);
    }

    private async Task<TestWorker> AddWorkerAsync()
    {
        var worker = await TestWorker.StartAsync(_silo, _silo.Bootstrap.EnrolmentToken!, PictureJob.Find);
        _workers.Add(worker);
        return worker;
    }

    private static ILocator Figure(Browser browser, string name) =>
        browser.Page.Locator(".figure").Filter(new() { HasText = name }).Locator(".figure-value");

    private static ILocator Fact(Browser browser, string name) =>
        browser.Page.Locator(".facts > div").Filter(new() { Has = browser.Page.GetByText(name, new() { Exact = true }) }).Locator("dd").First;
}
