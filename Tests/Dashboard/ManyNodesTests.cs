using System.Security.Cryptography;
using Microsoft.Playwright;
using PiGrid.Protocol;
using PiGrid.Tests.Silo;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace PiGrid.Tests.Dashboard;

/// <summary>A thousand nodes on one page. How long it takes is printed and not judged: that is the machine's matter too.</summary>
public sealed class ManyNodesTests(ITestOutputHelper output)
{
    private const int Count = 1_000;

    [ChromiumFact]
    public async Task Nodes_WhenThereAreAThousand_AreAllShown()
    {
        await using var silo = await TestSilo.StartAsync("--Nodes:Heartbeat=00:10:00", "--Dashboard:CountPeriod=00:00:00");
        var gateway = silo.Grains.CreateObjectReference<INodeSession>(new Quiet());
        await Parallel.ForEachAsync(Enumerable.Range(0, Count), (i, _) => EnterAsync(silo, gateway, i));

        await using var browser = await Browser.OpenAsync(silo);
        var page = browser.Page;
        await page.AddInitScriptAsync("window.long = []; new PerformanceObserver(l => window.long.push(...l.getEntries().map(e => Math.round(e.duration)))).observe({ type: 'longtask', buffered: true })");
        await page.EvaluateAsync("key => sessionStorage.setItem('pigrid.key', key)", silo.Bootstrap.OperatorKey);
        await page.ReloadAsync();
        output.WriteLine($"first view with data: {await WhenAsync(page, "document.querySelector('.figure-value')?.textContent === '1,000'")} ms after the navigation began");

        var processor = await ProcessorAsync(page);
        var busy = await processor();
        var began = await page.EvaluateAsync<double>("() => { window.long.length = 0; location.hash = '#/nodes'; return performance.now(); }");
        var shown = await WhenAsync(page, $"document.querySelectorAll('tbody tr:not([hidden])').length === {Count}");
        output.WriteLine($"{Count} rows: shown after {shown - began:0} ms, of which the page computed {await processor() - busy:0} ms; tasks over 50 ms: {await LongAsync(page)}");

        await page.EvaluateAsync("() => { window.long.length = 0; }");
        await page.GetByLabel("Find").FillAsync("region-7");
        await Expect(page.Locator("tbody tr:not([hidden])")).ToHaveCountAsync(Count / 10);
        await page.GetByLabel("Find").FillAsync("");
        await Expect(page.Locator("tbody tr:not([hidden])")).ToHaveCountAsync(Count);
        for (var i = 0; i < 20; i++)
        {
            await page.Mouse.WheelAsync(0, 1_500);
        }

        output.WriteLine($"finding and scrolling: tasks over 50 ms: {await LongAsync(page)}");
        Assert.Empty(browser.Troubles);
    }

    private static async ValueTask EnterAsync(TestSilo silo, INodeSession gateway, int i)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var publicKey = key.ExportSubjectPublicKeyInfo();
        var id = Signatures.NodeIdOf(publicKey);
        var node = silo.Grains.GetGrain<INodeGrain>(id.Value);
        await node.Enrol(new NodeRecord
        {
            Id = id,
            Owner = OwnerId.FromBytes(RandomNumberGenerator.GetBytes(16)),
            OwnerName = $"owner {i}",
            PublicKey = publicKey,
            Operator = false,
            EnrolledAt = DateTimeOffset.UnixEpoch.AddSeconds(i),
        });
        var connected = await node.Connect(new NodeConnection
        {
            Session = Guid.NewGuid(),
            Gateway = gateway,
            Profile = TestNode.Profile with { Region = $"region-{i % 10}", HardwareClass = $"x64-class{i % 4}-cpu" },
            Heartbeat = TestNode.Heartbeat,
        });
        Assert.Null(connected.Refused);
    }

    // By the page's own clock, looked at with every frame.
    private static async Task<double> WhenAsync(IPage page, string condition) =>
        await (await page.WaitForFunctionAsync($"() => {condition} && Math.round(performance.now())")).JsonValueAsync<double>();

    // What the page's thread has had of the processor, in milliseconds: unlike the time that goes by it does not grow with what else the machine does.
    private static async Task<Func<Task<double>>> ProcessorAsync(IPage page)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("Performance.enable", new() { ["timeDomain"] = "threadTicks" });
        return async () => (await session.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray()
            .Single(metric => metric.GetProperty("name").GetString() == "TaskDuration").GetProperty("value").GetDouble() * 1000;
    }

    private static async Task<string> LongAsync(IPage page) => string.Join(", ", await page.EvaluateAsync<int[]>("() => window.long")) is { Length: > 0 } tasks ? tasks + " ms" : "none";

    private sealed class Quiet : INodeSession
    {
        public Task Push(NodeMessage message) => Task.CompletedTask;

        public Task Close(string reason) => Task.CompletedTask;
    }
}
